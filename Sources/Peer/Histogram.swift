/// How many of some numbers lie under each of some bounds.
package struct Histogram: Sendable, Equatable {
  /// Rising.
  let bounds: [Int64]
  /// By bound; the last counts those beyond all of them.
  package private(set) var counts: [Int]
  package private(set) var sum: Int64 = 0

  init(bounds: [Int64]) {
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count + 1)
  }

  /// Of times in microseconds: the bounds double from 0.5 ms to 8 s.
  static let latencies = Histogram(bounds: (0..<15).map { 500 << $0 })

  /// Of requests in a batch.
  static let batches = Histogram(bounds: (0..<8).map { 1 << $0 })

  package var count: Int { counts.reduce(0, +) }

  mutating func add(_ number: Int64) {
    counts[bounds.firstIndex { number <= $0 } ?? bounds.count] += 1
    sum += number
  }
}
