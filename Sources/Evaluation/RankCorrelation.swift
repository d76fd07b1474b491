/// The correlation of the ranks of two lists of numbers; equal ones share the mean of their ranks. (Spearman 1904)
package struct RankCorrelation: Hashable, Sendable {
  /// From −1 to 1; 0 where one of the lists has no two different numbers.
  package let value: Double

  /// Of the same length.
  package init(_ a: [Double], _ b: [Double]) {
    precondition(a.count == b.count, "\(a.count) numbers beside \(b.count)")
    let (first, second) = (Self.ranks(a), Self.ranks(b))
    let mean = Double(a.count + 1) / 2
    var (product, squares) = (0.0, (0.0, 0.0))
    for (x, y) in zip(first, second) {
      product += (x - mean) * (y - mean)
      squares.0 += (x - mean) * (x - mean)
      squares.1 += (y - mean) * (y - mean)
    }
    let length = (squares.0 * squares.1).squareRoot()
    value = length > 0 ? product / length : 0
  }

  private static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in order[start..<end] { ranks[place] = Double(start + end + 1) / 2 }
      start = end
    }
    return ranks
  }
}
