import CFloatKernels

/// The sum of two tensors.
struct Add: TapeOperation {
  private static let grain = 4096

  var backwardReads: BackwardReads { [] }

  func forward(_ pass: Pass) {
    pass.workers.share(pass.output.count, grain: Self.grain) { _, part in
      let start = part.lowerBound
      f32_add(pass.output.start + start, pass.inputs[0].start + start, pass.inputs[1].start + start, part.count)
    }
  }

  func backward(_ pass: Pass, _ gradients: Gradients) {
    for input in gradients.inputs { input?.give(gradients.output, pass.workers) }
  }
}

extension InputGradient {
  /// Gives factor · a gradient of the same rows.
  func give(_ gradient: Rows, factor: Float = 1, _ workers: Workers) {
    workers.share(gradient.count, grain: 4096) { _, part in
      f32_scale(rows.start + part.lowerBound, gradient.start + part.lowerBound, factor, keep, part.count)
    }
  }
}
