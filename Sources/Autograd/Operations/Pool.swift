import ModelGraph

extension Pool {
  /// Rows → one row; zeros where there are none.
  func forward(_ x: Matrix) -> Matrix {
    guard x.rows > 0 else { return Matrix(rows: 0, columns: x.columns) }
    return switch self {
    case .mean: mean(x)
    case .first: Matrix(rows: 1, columns: x.columns, values: Array(x[row: 0]))
    case .last: Matrix(rows: 1, columns: x.columns, values: Array(x[row: x.rows - 1]))
    }
  }

  private func mean(_ x: Matrix) -> Matrix {
    var sums = [Float](repeating: 0, count: x.columns)
    for row in 0..<x.rows {
      for (column, value) in x[row: row].enumerated() { sums[column] += value }
    }
    return Matrix(rows: 1, columns: x.columns, values: sums.map { $0 / Float(x.rows) })
  }
}
