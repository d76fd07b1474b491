import CFloatKernels

/// x · weightᵀ + bias. Parameters: weight [outputs, inputs] and perhaps bias [outputs].
struct Linear: TapeOperation {
  let inputs: Int
  let outputs: Int
  let hasBias: Bool

  /// Fewer rows are not shared among threads.
  private static let grain = 16

  var backwardReads: BackwardReads { .inputs }

  func forward(_ pass: Pass) {
    let (x, y) = (pass.inputs[0], pass.output)
    pass.workers.share(x.rows, grain: Self.grain) { _, part in
      forward(x.block(part), y.block(part), weight: pass.parameters[0], bias: hasBias ? pass.parameters[1] : nil)
    }
  }

  /// Of rows x into rows y.
  func forward(_ x: Block, _ y: Block, weight: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>?) {
    if let bias { f32_fill_rows(y.start, bias, y.rows, outputs) }
    MatrixProduct.timesTransposed(x, Block(weight, rows: outputs, columns: inputs), into: y, keep: bias == nil ? 0 : 1)
  }

  func backward(_ pass: Pass, _ gradients: Gradients) {
    let (x, dy) = (pass.inputs[0], gradients.output)
    let weight = Block(pass.parameters[0], rows: outputs, columns: inputs)
    if let dx = gradients.inputs[0] {
      pass.workers.share(x.rows, grain: Self.grain) { _, part in
        MatrixProduct.times(dy.block(part), weight, into: dx.rows.block(part), keep: dx.keep)
      }
    }
    pass.workers.share(outputs, grain: Self.grain) { _, part in
      addParameterGradients(
        x.block(), dy.block(), outputs: part, weight: gradients.parameters[0], bias: hasBias ? gradients.parameters[1] : nil)
    }
  }

  /// Adds what rows x with the gradients dy of their results give to those outputs' parameters.
  func addParameterGradients(
    _ x: Block, _ dy: Block, outputs part: Range<Int>, weight: UnsafeMutablePointer<Float>?, bias: UnsafeMutablePointer<Float>?
  ) {
    let own = dy.columns(part)
    if let weight {
      MatrixProduct.transposedTimes(own, x, into: Block(weight, rows: outputs, columns: inputs).rows(part), keep: 1)
    }
    if let bias { f32_add_column_sums(bias + part.lowerBound, own.start, own.rows, own.stride, own.columns) }
  }
}
