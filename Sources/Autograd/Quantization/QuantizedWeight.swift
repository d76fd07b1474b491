/// A parameter whose rows are rounded, in a program that is aware of quantisation.
package struct QuantizedWeight: Sendable {
  /// Places in `ParameterLayout.entries`: the parameter, and the logarithms of its rows' steps.
  package let weight: Int
  package let step: Int
  let rounding: WeightRounding

  /// Groups of inputs whose sums fit 16 bits in a bundle; nil where that is not asked for.
  package var run: Int? { rounding.run }

  /// The name of the steps of a parameter.
  static func steps(of weight: String) -> String { "\(weight).steps" }
}

extension Program {
  /// Puts into the place of each rounded parameter what is computed with: integers times steps.
  package func round(_ parameters: ParameterMemory, _ workers: Workers) {
    for own in quantized {
      guard let weights = parameters[own.weight].baseAddress, let steps = parameters[own.step].baseAddress else { continue }
      let rounded = FloatMemory(count: own.rounding.count)
      own.rounding.round(weights, steps: steps, into: rounded.start, workers)
      weights.update(from: rounded.start, count: rounded.count)
    }
  }
}
