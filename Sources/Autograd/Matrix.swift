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

  /// A row's elements.
  package subscript(row row: Int) -> ArraySlice<Float> { values[row * columns..<(row + 1) * columns] }
}
