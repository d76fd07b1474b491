import COpenBLAS

/// A block of columns of a row-major matrix, for products.
struct Block {
  let matrix: Matrix
  let columns: Range<Int>

  init(_ matrix: Matrix, columns: Range<Int>? = nil) {
    self.matrix = matrix
    self.columns = columns ?? 0..<matrix.columns
  }
}

/// Products through OpenBLAS; its threads are as many as processors unless its own environment variables say otherwise.
enum MatrixProduct {
  /// scale · a · bᵀ: [a.rows, b.rows].
  static func timesTransposed(_ a: Block, _ b: Block, scale: Float = 1) -> Matrix {
    precondition(a.columns.count == b.columns.count)
    return product(a, b, transposed: true, rows: a.matrix.rows, columns: b.matrix.rows, depth: a.columns.count, scale: scale)
  }

  /// a · b: [a.rows, columns of b].
  static func times(_ a: Block, _ b: Block) -> Matrix {
    precondition(a.columns.count == b.matrix.rows)
    return product(a, b, transposed: false, rows: a.matrix.rows, columns: b.columns.count, depth: a.columns.count, scale: 1)
  }

  private static func product(
    _ a: Block, _ b: Block, transposed: Bool, rows: Int, columns: Int, depth: Int, scale: Float
  ) -> Matrix {
    var result = Matrix(rows: rows, columns: columns)
    guard rows > 0, columns > 0, depth > 0 else { return result }
    a.matrix.values.withUnsafeBufferPointer { left in
      b.matrix.values.withUnsafeBufferPointer { right in
        result.values.withUnsafeMutableBufferPointer { output in
          cblas_sgemm(
            CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans, Int32(rows), Int32(columns), Int32(depth), scale,
            left.baseAddress.map { $0 + a.columns.lowerBound }, Int32(a.matrix.columns),
            right.baseAddress.map { $0 + b.columns.lowerBound }, Int32(b.matrix.columns), 0, output.baseAddress, Int32(columns))
        }
      }
    }
    return result
  }
}
