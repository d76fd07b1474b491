import COpenBLAS

/// The sum of XᵀX over rows X [·, width]: how the inputs of a matrix product vary together.
package struct Gram: Sendable {
  package let width: Int
  /// [width, width], of which the part right of the diagonal and the diagonal count.
  private var values: [Float]

  package init(width: Int) {
    self.width = width
    self.values = Array(repeating: 0, count: width * width)
  }

  /// Adds the rows of a matrix of that width.
  package mutating func add(_ rows: Matrix) {
    precondition(rows.columns == width)
    let count = Int32(rows.rows)
    rows.values.withUnsafeBufferPointer { input in
      values.withUnsafeMutableBufferPointer { output in
        cblas_ssyrk(
          CblasRowMajor, CblasUpper, CblasTrans, Int32(width), count, 1, input.baseAddress, Int32(width), 1, output.baseAddress,
          Int32(width))
      }
    }
  }

  /// U, upper triangular, row-major, with UᵀU = (G + damping · mean diagonal · I)⁻¹; nil where that is no positive definite matrix.
  package func inverseFactor(damping: Double) -> [Float]? {
    var matrix = values.map(Double.init)
    let trace = (0..<width).reduce(0) { $0 + matrix[$1 * width + $1] }
    for index in 0..<width { matrix[index * width + index] += damping * trace / Double(width) }
    var n = Int32(width)
    var info: Int32 = 0
    // Row-major upper is column-major lower: L·Lᵀ there is UᵀU here.
    dpotrf_("L", &n, &matrix, &n, &info)
    if info == 0 { dpotri_("L", &n, &matrix, &n, &info) }
    if info == 0 { dpotrf_("L", &n, &matrix, &n, &info) }
    return info == 0 ? matrix.map(Float.init) : nil
  }
}
