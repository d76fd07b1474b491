import CFloatKernels

/// Each row divided by its length; rows of zeros stay.
struct L2Normalize: TapeOperation {
  var backwardReads: BackwardReads { .output }

  /// 1 / length of each row.
  func savedCount(_ inputs: [RowLayout]) -> Int { inputs[0].count }

  func forward(_ pass: Pass) {
    let (x, y) = (pass.inputs[0], pass.output)
    for row in 0..<x.rows {
      let length = f32_dot(x.row(row), x.row(row), x.columns).squareRoot()
      pass.saved[row] = length > 0 ? Float(1 / length) : 0
      f32_scale(y.row(row), x.row(row), pass.saved[row], 0, x.columns)
    }
  }

  /// dx = (dy − y · Σ y · dy) / length.
  func backward(_ pass: Pass, _ gradients: Gradients) {
    guard let dx = gradients.inputs[0] else { return }
    let (y, dy) = (pass.output, gradients.output)
    for row in 0..<y.rows {
      let product = Float(f32_dot(y.row(row), dy.row(row), y.columns))
      f32_scale(dx.rows.row(row), dy.row(row), pass.saved[row], dx.keep, y.columns)
      f32_scale(dx.rows.row(row), y.row(row), -product * pass.saved[row], 1, y.columns)
    }
  }
}
