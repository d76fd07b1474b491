import CFloatKernels

/// Each row · the probability of its expert, from the softmax of the logits. Inputs: rows, logits.
struct ExpertGate: TapeOperation {
  var backwardReads: BackwardReads { .inputs }

  func forward(_ pass: Pass) {
    let (x, logits) = (pass.inputs[0], pass.inputs[1])
    for row in 0..<x.rows {
      let probabilities = probabilities(logits, row: row)
      f32_scale(pass.output.row(row), x.row(row), probabilities[logits.largest(ofRow: row)], 0, x.columns)
    }
  }

  /// ∂p_e / ∂logit_j = p_e · (δ_ej − p_j).
  func backward(_ pass: Pass, _ gradients: Gradients) {
    let (x, logits, dy) = (pass.inputs[0], pass.inputs[1], gradients.output)
    for row in 0..<x.rows {
      let expert = logits.largest(ofRow: row)
      let probabilities = probabilities(logits, row: row)
      if let dx = gradients.inputs[0] { f32_scale(dx.rows.row(row), dy.row(row), probabilities[expert], dx.keep, x.columns) }
      guard let target = gradients.inputs[1] else { continue }
      let slope = Float(f32_dot(dy.row(row), x.row(row), x.columns)) * probabilities[expert]
      let gradient = probabilities.enumerated().map { slope * (($0.offset == expert ? 1 : 0) - $0.element) }
      f32_scale(target.rows.row(row), gradient, 1, target.keep, logits.columns)
    }
  }

  private func probabilities(_ logits: Rows, row: Int) -> [Float] {
    var row = Array(UnsafeBufferPointer(start: logits.row(row), count: logits.columns))
    f32_softmax(&row, 1, logits.columns, logits.columns, 0)
    return row
  }
}
