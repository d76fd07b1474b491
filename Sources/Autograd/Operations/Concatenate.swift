import CFloatKernels

/// The rows of all inputs, one after the other, for each example.
struct Concatenate: TapeOperation {
  var backwardReads: BackwardReads { [] }

  func layout(_ inputs: [RowLayout]) -> RowLayout? {
    RowLayout((0..<inputs[0].examples).map { example in inputs.reduce(0) { $0 + $1[example].count } })
  }

  func forward(_ pass: Pass) {
    forEachPiece(pass.inputs, pass.output.layout, pass.workers) { input, from, to in
      f32_scale(pass.output.row(to), pass.inputs[input].row(from.lowerBound), 1, 0, from.count * pass.output.columns)
    }
  }

  func backward(_ pass: Pass, _ gradients: Gradients) {
    forEachPiece(pass.inputs, gradients.output.layout, pass.workers) { input, from, to in
      guard let dx = gradients.inputs[input] else { return }
      f32_scale(dx.rows.row(from.lowerBound), gradients.output.row(to), 1, dx.keep, from.count * gradients.output.columns)
    }
  }

  /// Calls `body` with each input's rows of each example, and where they begin in the result.
  private func forEachPiece(
    _ inputs: [Rows], _ output: RowLayout, _ workers: Workers, _ body: (_ input: Int, _ from: Range<Int>, _ to: Int) -> Void
  ) {
    workers.share(output.examples) { _, part in
      for example in part {
        var place = output[example].lowerBound
        for (index, input) in inputs.enumerated() {
          body(index, input.layout[example], place)
          place += input.layout[example].count
        }
      }
    }
  }
}
