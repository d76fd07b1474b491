/// Each column to mean 0 and variance 1 over the rows, then · gain + shift. (Wu, He 2018, with one channel a group)
struct ChannelNorm {
  let epsilon: Float
  /// One row each.
  let gain: Matrix
  let shift: Matrix

  func forward(_ x: Matrix) -> Matrix {
    guard x.rows > 0 else { return x }
    let means = columnMeans(x) { value, _ in value }
    let variances = columnMeans(x) { value, column in (value - means[column]) * (value - means[column]) }
    let factors = variances.map { 1 / ($0 + Double(epsilon)).squareRoot() }
    return x.mapRows { row in
      row.enumerated().map { column, value in
        Float((Double(value) - means[column]) * factors[column]) * gain.values[column] + shift.values[column]
      }
    }
  }

  private func columnMeans(_ x: Matrix, _ transform: (Double, Int) -> Double) -> [Double] {
    var sums = [Double](repeating: 0, count: x.columns)
    for row in 0..<x.rows {
      for (column, value) in x[row: row].enumerated() { sums[column] += transform(Double(value), column) }
    }
    return sums.map { $0 / Double(x.rows) }
  }
}
