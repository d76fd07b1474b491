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

  /// Some rows times all rows of another matrix: [rows, other.rows].
  package func products(of rows: Range<Int>, with other: Matrix) -> Matrix {
    var products = [Float](repeating: 0, count: rows.count * other.rows)
    products.withUnsafeMutableBufferPointer { products in
      values.withUnsafeBufferPointer { own in
        other.values.withUnsafeBufferPointer { others in
          guard let result = products.baseAddress, let a = own.baseAddress, let b = others.baseAddress else { return }
          MatrixProduct.timesTransposed(
            Block(UnsafeMutablePointer(mutating: a), rows: self.rows, columns: columns).rows(rows),
            Block(UnsafeMutablePointer(mutating: b), rows: other.rows, columns: other.columns),
            into: Block(result, rows: rows.count, columns: other.rows))
        }
      }
    }
    return Matrix(rows: rows.count, columns: other.rows, values: products)
  }
}
