import CFloatKernels

/// Each row to mean 0 and variance 1, then · gain + shift. Parameters: gain, shift. (Ba, Kiros, Hinton 2016)
struct LayerNorm: TapeOperation {
  let epsilon: Float

  private static let grain = 16

  var backwardReads: BackwardReads { .inputs }

  /// Mean and 1 / deviation of each row.
  func savedCount(_ inputs: [RowLayout]) -> Int { 2 * inputs[0].count }

  func forward(_ pass: Pass) {
    let (x, y) = (pass.inputs[0], pass.output)
    pass.workers.share(x.rows, grain: Self.grain) { _, part in
      let first = part.lowerBound
      f32_layer_norm(
        y.row(first), pass.saved + 2 * first, x.row(first), pass.parameters[0], pass.parameters[1], epsilon, part.count, x.columns)
    }
  }

  func backward(_ pass: Pass, _ gradients: Gradients) {
    let (x, dy) = (pass.inputs[0], gradients.output)
    let dx = gradients.inputs[0]
    let width = x.columns
    var sums = [Float](repeating: 0, count: 2 * width)
    pass.workers.sum(x.rows, count: 2 * width, of: 0, grain: Self.grain, into: &sums) { _, part, sums in
      let first = part.lowerBound
      f32_layer_norm_gradient(
        dx?.rows.row(first), gradients.parameters[0] == nil ? nil : sums, gradients.parameters[1] == nil ? nil : sums + width,
        dy.row(first), x.row(first), pass.saved + 2 * first, pass.parameters[0], dx?.keep ?? 0, part.count, width)
    }
    sums.withUnsafeBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      if let gain = gradients.parameters[0] { f32_scale(gain, sums, 1, 1, width) }
      if let shift = gradients.parameters[1] { f32_scale(shift, sums + width, 1, 1, width) }
    }
  }
}
