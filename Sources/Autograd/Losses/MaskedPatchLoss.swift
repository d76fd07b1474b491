/// How far predicted patches are from the real ones: the mean square over the removed patches alone. (He et al. 2021, MAE)
package struct MaskedPatchLoss: Sendable {
  /// Whether each patch's pixels have mean 0 and variance 1 first, the variance without bias and 10⁻⁶ more.
  package var normalizes: Bool

  package init(normalizes: Bool = true) { self.normalizes = normalizes }

  /// `targets` are as many patches as there are rows, row-major; `isRemoved` tells which count. 0 where none does. Adds weight · gradient.
  package func callAsFunction(
    _ predicted: Rows, targets: [Float], isRemoved: [Bool], gradient: Rows?, weight: Float = 1
  ) -> Double {
    precondition(targets.count == predicted.count && isRemoved.count == predicted.rows, "as many patches as predictions are needed")
    let removed = isRemoved.indices.filter { isRemoved[$0] }
    guard !removed.isEmpty else { return 0 }
    let width = predicted.columns
    let error = MeanSquaredError()
    return removed.reduce(0) { sum, row in
      let target = normal(Array(targets[row * width..<(row + 1) * width]))
      let share = 1 / Float(removed.count)
      let loss = error.add(predicted.row(row), target, to: gradient?.row(row), weight * share / Float(width))
      return sum + loss * Double(share) / Double(width)
    }
  }

  private func normal(_ patch: [Float]) -> [Float] {
    guard normalizes else { return patch }
    let mean = patch.reduce(0) { $0 + Double($1) } / Double(patch.count)
    let variance = patch.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(max(patch.count - 1, 1))
    let factor = 1 / (variance + 1e-6).squareRoot()
    return patch.map { Float((Double($0) - mean) * factor) }
  }
}
