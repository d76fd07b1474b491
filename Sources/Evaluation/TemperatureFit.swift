package import Autograd
package import BundleFormat

extension Confidence {
  /// With the temperature at which a softmax makes the targets of some logits likeliest; they must not be the ones that the model was
  /// trained with. It stays inside `temperatures`: next to nothing where every answer is right, as large as may be where none is, and 1
  /// where the logits tell nothing.
  ///
  /// The negative logarithm of their likelihood is convex by the temperature's inverse: Newton's method finds the zero of its slope,
  /// between bounds that it narrows. (Guo et al. 2017)
  package static func fitted(_ logits: Matrix, targets: [Int]) -> Confidence {
    precondition(targets.count == logits.rows, "\(targets.count) targets for \(logits.rows) rows")
    var (low, high) = (1 / Double(temperatures.upperBound), 1 / Double(temperatures.lowerBound))
    var inverse = 1.0
    for _ in 0..<100 {
      let (slope, curvature) = slopes(logits, targets, inverse: inverse)
      if slope == 0 { break }
      if slope > 0 { high = inverse } else { low = inverse }
      let next = curvature > 0 ? inverse - slope / curvature : .nan
      let isInside = next > low && next < high
      let last = inverse
      inverse = isInside ? next : (low * high).squareRoot()
      if abs(inverse - last) <= 1e-9 * last { break }
    }
    return Confidence(temperature: Float(1 / inverse))
  }

  /// The first and second derivative of the mean of −log p by the temperature's inverse.
  private static func slopes(_ logits: Matrix, _ targets: [Int], inverse: Double) -> (first: Double, second: Double) {
    var sums = (first: 0.0, second: 0.0)
    for (row, target) in targets.enumerated() {
      let logits = logits[row: row]
      let probabilities = Softmax(logits, scale: inverse).probabilities
      let mean = zip(probabilities, logits).reduce(0) { $0 + $1.0 * Double($1.1) }
      let squares = zip(probabilities, logits).reduce(0) { $0 + $1.0 * (Double($1.1) - mean) * (Double($1.1) - mean) }
      sums.first += mean - Double(logits[logits.startIndex + target])
      sums.second += squares
    }
    return (sums.first / Double(max(targets.count, 1)), sums.second / Double(max(targets.count, 1)))
  }
}
