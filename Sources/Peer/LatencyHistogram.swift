/// How many of some times lie under each of the bounds, which double from 0.5 ms to 8 s.
package struct LatencyHistogram: Sendable, Equatable {
  /// In microseconds.
  static let bounds: [Int64] = (0..<15).map { 500 << $0 }

  /// By bound; the last counts those beyond all of them.
  private(set) var counts = Array(repeating: 0, count: bounds.count + 1)
  private(set) var microseconds: Int64 = 0

  package var count: Int { counts.reduce(0, +) }

  mutating func add(microseconds time: Int64) {
    counts[Self.bounds.firstIndex { time <= $0 } ?? Self.bounds.count] += 1
    microseconds += time
  }
}
