/// Each row through the product of its own expert, the one with the largest logit. Inputs: rows, logits, which get no gradient here.
/// Parameters: weight [experts · outputs, width], bias [experts · outputs]. (Fedus, Zoph, Shazeer 2021)
struct ExpertLinear: TapeOperation {
  let experts: Int
  /// Of one expert.
  let linear: Linear

  var backwardReads: BackwardReads { .inputs }

  func gives(gradientOf input: Int) -> Bool { input == 0 }

  func forward(_ pass: Pass) {
    forEachExpert(pass) { expert, rows in
      let x = GatheredRows(pass.inputs[0], rows)
      let y = GatheredRows(places: rows, columns: linear.outputs)
      pass.workers.share(rows.count) { _, part in
        linear.forward(
          x.block.rows(part), y.block.rows(part), weight: pass.parameters[0] + expert * linear.inputs * linear.outputs,
          bias: pass.parameters[1] + expert * linear.outputs)
      }
      y.scatter(to: pass.output, keep: 0)
    }
  }

  func backward(_ pass: Pass, _ gradients: Gradients) {
    forEachExpert(pass) { expert, rows in
      let dy = GatheredRows(gradients.output, rows)
      let place = expert * linear.inputs * linear.outputs
      if let target = gradients.inputs[0] {
        let dx = GatheredRows(places: rows, columns: linear.inputs)
        let weight = Block(pass.parameters[0] + place, rows: linear.outputs, columns: linear.inputs)
        pass.workers.share(rows.count) { _, part in MatrixProduct.times(dy.block.rows(part), weight, into: dx.block.rows(part)) }
        dx.scatter(to: target.rows, keep: target.keep)
      }
      let x = GatheredRows(pass.inputs[0], rows)
      pass.workers.share(linear.outputs) { _, part in
        linear.addParameterGradients(
          x.block, dy.block, outputs: part, weight: gradients.parameters[0].map { $0 + place },
          bias: gradients.parameters[1].map { $0 + expert * linear.outputs })
      }
    }
  }

  /// Calls `body` for each expert that has rows.
  private func forEachExpert(_ pass: Pass, _ body: (_ expert: Int, _ rows: [Int]) -> Void) {
    var rows = [[Int]](repeating: [], count: experts)
    for row in 0..<pass.inputs[1].rows { rows[pass.inputs[1].largest(ofRow: row)].append(row) }
    for (expert, rows) in rows.enumerated() where !rows.isEmpty { body(expert, rows) }
  }
}

extension Rows {
  /// The place of the first of the largest elements of a row.
  func largest(ofRow row: Int) -> Int {
    let elements = self.row(row)
    return (1..<columns).reduce(0) { elements[$1] > elements[$0] ? $1 : $0 }
  }
}
