import COpenBLAS

/// A row-major matrix in memory, or a part of one: every row begins `stride` elements after the last.
struct Block {
  let start: UnsafeMutablePointer<Float>
  let rows: Int
  let columns: Int
  let stride: Int

  init(_ start: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
    self.start = start
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
  }

  /// The stride as BLAS wants it, which is at least 1.
  fileprivate var leading: Int32 { Int32(max(stride, 1)) }

  /// Some of the rows.
  func rows(_ range: Range<Int>) -> Block {
    Block(start + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
  }

  /// Some of the columns.
  func columns(_ range: Range<Int>) -> Block { Block(start + range.lowerBound, rows: rows, columns: range.count, stride: stride) }
}

/// Products through OpenBLAS. Each replaces its result where `keep` is 0 and adds to it where `keep` is 1.
enum MatrixProduct {
  /// scale · a · bᵀ: [a.rows, b.rows].
  static func timesTransposed(_ a: Block, _ b: Block, into c: Block, scale: Float = 1, keep: Float = 0) {
    precondition(a.columns == b.columns && c.rows == a.rows && c.columns == b.rows)
    multiply(a, CblasNoTrans, b, CblasTrans, into: c, depth: a.columns, scale, keep)
  }

  /// scale · a · b: [a.rows, b.columns].
  static func times(_ a: Block, _ b: Block, into c: Block, scale: Float = 1, keep: Float = 0) {
    precondition(a.columns == b.rows && c.rows == a.rows && c.columns == b.columns)
    multiply(a, CblasNoTrans, b, CblasNoTrans, into: c, depth: a.columns, scale, keep)
  }

  /// scale · aᵀ · b: [a.columns, b.columns].
  static func transposedTimes(_ a: Block, _ b: Block, into c: Block, scale: Float = 1, keep: Float = 0) {
    precondition(a.rows == b.rows && c.rows == a.columns && c.columns == b.columns)
    multiply(a, CblasTrans, b, CblasNoTrans, into: c, depth: a.rows, scale, keep)
  }

  private static func multiply(
    _ a: Block, _ transposeA: CBLAS_TRANSPOSE, _ b: Block, _ transposeB: CBLAS_TRANSPOSE, into c: Block, depth: Int, _ scale: Float,
    _ keep: Float
  ) {
    guard c.rows > 0, c.columns > 0 else { return }
    cblas_sgemm(
      CblasRowMajor, transposeA, transposeB, Int32(c.rows), Int32(c.columns), Int32(depth), scale, a.start, a.leading, b.start, b.leading,
      keep, c.start, c.leading)
  }
}
