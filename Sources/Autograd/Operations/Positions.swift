/// Rows of a table before the rows, and one added to each.
struct Positions {
  let prefix: Int
  let table: Matrix

  func forward(_ x: Matrix) -> Matrix {
    guard x.rows > 0 else { return x }
    var values = Array(table.values[..<(prefix * x.columns)])
    let added = table.values[(prefix * x.columns)...]
    values += zip(x.values, added).map { $0 + $1 }
    return Matrix(rows: prefix + x.rows, columns: x.columns, values: values)
  }
}
