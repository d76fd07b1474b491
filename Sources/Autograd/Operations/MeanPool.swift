/// The mean of all rows.
struct MeanPool {
  func forward(_ x: Matrix) -> Matrix {
    var sums = [Float](repeating: 0, count: x.columns)
    for row in 0..<x.rows {
      for (column, value) in x[row: row].enumerated() { sums[column] += value }
    }
    return Matrix(rows: 1, columns: x.columns, values: sums.map { $0 / Float(x.rows) })
  }
}
