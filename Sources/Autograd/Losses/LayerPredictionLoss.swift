import CFloatKernels
import Glibc

/// How far predicted rows are from those of a teacher's layer: the mean absolute difference − log σ(cosine), mean over the rows.
/// (Chang et al. 2021, DistilHuBERT)
package struct LayerPredictionLoss: Sendable {
  package init() {}

  /// Targets are row-major; a row of zeros on either side has cosine 0, without a gradient. Adds weight · gradient. 0 where there are no
  /// rows.
  package func callAsFunction(_ values: Rows, targets: [Float], gradient: Rows?, weight: Float = 1) -> Double {
    precondition(targets.count == values.count, "\(targets.count) targets for \(values.count) values")
    guard values.count > 0 else { return 0 }
    return targets.withUnsafeBufferPointer { targets in
      guard let start = targets.baseAddress else { return 0 }
      return (0..<values.rows).reduce(0) { sum, row in
        let place = row * values.columns
        return sum + add(values.row(row), start + place, values.columns, to: gradient?.row(row), weight / Float(values.rows))
      } / Double(values.rows)
    }
  }

  /// The loss of a row. Adds weight · its gradient.
  private func add(
    _ x: UnsafePointer<Float>, _ target: UnsafePointer<Float>, _ width: Int, to gradient: UnsafeMutablePointer<Float>?, _ weight: Float
  ) -> Double {
    let distance = (0..<width).reduce(Float(0)) { $0 + abs(x[$1] - target[$1]) } / Float(width)
    if let gradient {
      for column in 0..<width where x[column] != target[column] {
        gradient[column] += (x[column] > target[column] ? weight : -weight) / Float(width)
      }
    }
    // −log σ has the slope σ − 1, which is what the cosine's gradient is multiplied by.
    let cosine = CosineDistance.cosine(x, target, width)
    let slope = 1 / (1 + exp(-cosine)) - 1
    CosineDistance.add(cosine, of: x, target, width, to: gradient, -weight * Float(slope))
    return Double(distance) + log1p(exp(-cosine))
  }
}
