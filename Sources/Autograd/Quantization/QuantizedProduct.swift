import CFloatKernels

/// A matrix product or a convolution as the runtime computes it, in float: of weights that are integers times a learnt step for each
/// output, and of inputs in 8-bit codes. Gradients pass the rounding as if it were none. Parameters are those of the operation and, last,
/// the logarithms of the steps. (Esser et al. 2020, LSQ; logarithms: Jain et al. 2020)
struct QuantizedProduct: TapeOperation {
  let operation: any TapeOperation
  let weights: WeightRounding
  /// Of the rows that are multiplied.
  let inputs: Int
  /// What has a range of codes of its own: each row, or the image or signal of an example.
  let coding: Coding

  enum Coding {
    case rows
    case examples
  }

  var backwardReads: BackwardReads { operation.backwardReads }

  func layout(_ inputs: [RowLayout]) -> RowLayout? { operation.layout(inputs) }

  func gives(gradientOf input: Int) -> Bool { operation.gives(gradientOf: input) }

  /// The operation's own, the rounded weights, the coded inputs.
  func savedCount(_ inputs: [RowLayout]) -> Int { operation.savedCount(inputs) + weights.count + inputs[0].count * self.inputs }

  func forward(_ pass: Pass) {
    let own = inner(pass)
    weights.round(pass.parameters[0], steps: steps(pass), into: own.parameters[0], pass.workers)
    code(pass.inputs[0], into: own.inputs[0], pass.workers)
    operation.forward(own)
  }

  func backward(_ pass: Pass, _ gradients: Gradients) {
    let own = inner(pass)
    guard let weight = gradients.parameters[0], let step = gradients.parameters[gradients.parameters.count - 1] else {
      return operation.backward(own, without(gradients, weight: nil))
    }
    let rounded = FloatMemory(count: weights.count)
    operation.backward(own, without(gradients, weight: rounded.start))
    weights.addGradients(
      of: rounded.start, pass.parameters[0], rounded: own.parameters[0], steps: steps(pass), to: (weight, step), pass.workers)
  }

  private func steps(_ pass: Pass) -> UnsafeMutablePointer<Float> { pass.parameters[pass.parameters.count - 1] }

  /// The gradients that the operation itself sees.
  private func without(_ gradients: Gradients, weight: UnsafeMutablePointer<Float>?) -> Gradients {
    Gradients(output: gradients.output, inputs: gradients.inputs, parameters: [weight] + gradients.parameters.dropFirst().dropLast())
  }

  /// What the operation itself computes with.
  private func inner(_ pass: Pass) -> Pass {
    let rounded = pass.saved + operation.savedCount(pass.inputs.map(\.layout))
    let coded = Rows(start: rounded + weights.count, layout: pass.inputs[0].layout, columns: inputs)
    return Pass(
      workers: pass.workers, inputs: [coded] + pass.inputs.dropFirst(), output: pass.output,
      parameters: [rounded] + pass.parameters.dropFirst().dropLast(), saved: pass.saved, tokens: pass.tokens, isTraining: pass.isTraining)
  }

  private func code(_ x: Rows, into coded: Rows, _ workers: Workers) {
    switch coding {
    case .rows: RowCodes.code(x, into: coded, workers)
    case .examples:
      workers.share(x.layout.examples) { _, part in
        for example in part where !x.layout[example].isEmpty {
          let rows = x.layout[example]
          f32_codes(coded.row(rows.lowerBound), x.row(rows.lowerBound), rows.count * x.columns)
        }
      }
    }
  }
}

/// Each row through its 8-bit codes, as at a boundary. Gradients pass.
struct RowCodes: TapeOperation {
  var backwardReads: BackwardReads { [] }

  func forward(_ pass: Pass) { Self.code(pass.inputs[0], into: pass.output, pass.workers) }

  func backward(_ pass: Pass, _ gradients: Gradients) { gradients.inputs[0]?.give(gradients.output, pass.workers) }

  static func code(_ x: Rows, into coded: Rows, _ workers: Workers) {
    workers.share(x.rows, grain: 16) { _, part in
      for row in part { f32_codes(coded.row(row), x.row(row), x.columns) }
    }
  }
}
