import CFloatKernels

/// Row of the token + row of the position. Parameters: tokens [vocabulary, width], positions [·, width]. The input is the rows of the
/// batch's tokens, which has no elements.
struct Embedding: TapeOperation {
  private static let grain = 16

  var backwardReads: BackwardReads { [] }

  func forward(_ pass: Pass) {
    let (layout, y) = (pass.output.layout, pass.output)
    pass.workers.share(layout.examples) { _, part in
      for example in part {
        for (position, row) in layout[example].enumerated() {
          f32_add(
            y.row(row), pass.parameters[0] + Int(pass.tokens[row]) * y.columns, pass.parameters[1] + position * y.columns, y.columns)
        }
      }
    }
  }

  /// Threads share the columns, since a token may come more than once.
  func backward(_ pass: Pass, _ gradients: Gradients) {
    let (layout, dy) = (pass.output.layout, gradients.output)
    pass.workers.share(dy.columns, grain: Self.grain) { _, part in
      for example in 0..<layout.examples {
        for (position, row) in layout[example].enumerated() {
          let source = dy.row(row) + part.lowerBound
          for (table, place) in zip(gradients.parameters, [Int(pass.tokens[row]), position]) {
            if let table { f32_scale(table + place * dy.columns + part.lowerBound, source, 1, 1, part.count) }
          }
        }
      }
    }
  }
}
