/// The mean over all elements of the squared difference.
package struct MeanSquaredError: Sendable {
  package init() {}

  /// Targets are row-major. Adds weight · gradient. 0 where there are no rows.
  package func callAsFunction(_ values: Rows, targets: [Float], gradient: Rows?, weight: Float = 1) -> Double {
    precondition(targets.count == values.count, "\(targets.count) targets for \(values.count) values")
    guard values.count > 0 else { return 0 }
    return add(values.start, targets, to: gradient?.start, weight / Float(values.count)) / Double(values.count)
  }

  /// The sum of squares. Adds weight · its gradient.
  func add(_ values: UnsafePointer<Float>, _ targets: [Float], to gradient: UnsafeMutablePointer<Float>?, _ weight: Float) -> Double {
    targets.indices.reduce(0) { sum, index in
      let difference = values[index] - targets[index]
      gradient?[index] += 2 * weight * difference
      return sum + Double(difference) * Double(difference)
    }
  }
}
