import ProtobufFormat

/// How numbers are spread: how many lie in each of some ranges of the same length between the least and the largest.
package struct Histogram: Hashable, Sendable {
  package let least: Double
  package let largest: Double
  package let count: Int
  package let sum: Double
  package let sumOfSquares: Double
  /// From the least range on.
  package let buckets: [Int]

  /// Of the numbers that are finite.
  package init(_ numbers: some Sequence<Float>, buckets count: Int = 30) {
    let numbers = numbers.lazy.filter(\.isFinite).map(Double.init)
    var (least, largest) = (Double.infinity, -Double.infinity)
    var (total, sum, squares) = (0, 0.0, 0.0)
    for number in numbers {
      (least, largest) = (min(least, number), max(largest, number))
      (total, sum, squares) = (total + 1, sum + number, squares + number * number)
    }
    (self.least, self.largest) = total > 0 ? (least, largest) : (0, 0)
    (self.count, self.sum, sumOfSquares) = (total, sum, squares)
    var buckets = [Int](repeating: 0, count: largest > least ? count : 1)
    let scale = largest > least ? Double(count) / (largest - least) : 0
    for number in numbers { buckets[min(Int((number - least) * scale), buckets.count - 1)] += 1 }
    self.buckets = buckets
  }

  /// As `HistogramProto`.
  func write(into message: inout ProtobufMessage) {
    for (place, number) in [least, largest, Double(count), sum, sumOfSquares].enumerated() where number != 0 {
      message.add(UInt64(place + 1), number)
    }
    let width = (largest - least) / Double(buckets.count)
    message.add(6, buckets.indices.map { $0 + 1 == buckets.count ? largest : least + Double($0 + 1) * width })
    message.add(7, buckets.map(Double.init))
  }
}
