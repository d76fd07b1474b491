/// Rows of float32, row-major.
package struct Matrix: Equatable, Sendable {
  package let rows: Int
  package let columns: Int
  package var values: [Float]

  /// `values` has rows · columns elements.
  package init(rows: Int, columns: Int, values: [Float]) {
    precondition(values.count == rows * columns, "\(values.count) values are no \(rows) by \(columns) matrix")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// All zeros.
  package init(rows: Int, columns: Int) {
    self.init(rows: rows, columns: columns, values: Array(repeating: 0, count: rows * columns))
  }

  /// A row's elements.
  package subscript(row row: Int) -> ArraySlice<Float> { values[row * columns..<(row + 1) * columns] }

  /// Each element through a function.
  func map(_ transform: (Float) -> Float) -> Matrix { Matrix(rows: rows, columns: columns, values: values.map(transform)) }

  /// Each row through a function that keeps its width.
  func mapRows(_ transform: (ArraySlice<Float>) -> [Float]) -> Matrix {
    Matrix(rows: rows, columns: columns, values: (0..<rows).flatMap { transform(self[row: $0]) })
  }
}
