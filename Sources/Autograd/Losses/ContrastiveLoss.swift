import CFloatKernels
import Glibc

/// Symmetric InfoNCE over pairs of embeddings of length 1: each row of one side is to find its partner among all rows of the other.
/// (van den Oord et al. 2018; Radford et al. 2021)
package struct ContrastiveLoss: Sendable {
  /// The largest scale; beyond it the scale's gradient is 0.
  package static let largestScale: Float = 100

  package init() {}

  /// The loss, and its gradient by the logarithm of the scale. Adds weight · gradient to those of both sides. Row i of one belongs to row
  /// i of the other.
  package func callAsFunction(
    _ a: Rows, _ b: Rows, logScale: Float, gradients: (a: Rows?, b: Rows?), weight: Float = 1, workers: Workers
  ) -> (loss: Double, logScaleGradient: Float) {
    precondition(a.rows == b.rows && a.columns == b.columns, "\(a.rows) rows cannot be paired with \(b.rows)")
    guard a.rows > 0 else { return (0, 0) }
    let scale = min(expf(logScale), Self.largestScale)
    let similarities = FloatMemory(count: a.rows * a.rows)
    let gradient = FloatMemory(count: a.rows * a.rows)
    let matrix = Block(similarities.start, rows: a.rows, columns: a.rows)
    workers.share(a.rows) { _, part in MatrixProduct.timesTransposed(a.block(part), b.block(), into: matrix.rows(part), scale: scale) }
    let loss = addRows(matrix, gradient.start, weight) + addColumns(matrix, gradient.start, weight)
    let slope = Block(gradient.start, rows: a.rows, columns: a.rows)
    if let da = gradients.a { MatrixProduct.times(slope, b.block(), into: da.block(), scale: scale, keep: 1) }
    if let db = gradients.b { MatrixProduct.transposedTimes(slope, a.block(), into: db.block(), scale: scale, keep: 1) }
    let isClamped = expf(logScale) > Self.largestScale
    return (loss, isClamped ? 0 : Float(f32_dot(gradient.start, similarities.start, gradient.count)))
  }

  /// Half of the cross-entropy over rows, whose gradient is added.
  private func addRows(_ logits: Block, _ gradient: UnsafeMutablePointer<Float>, _ weight: Float) -> Double {
    let entropy = SoftmaxCrossEntropy()
    let share = 0.5 / Float(logits.rows)
    return (0..<logits.rows).reduce(0) { sum, row in
      let place = row * logits.rows
      let loss = entropy.add(logits.start + place, columns: logits.rows, target: row, to: gradient + place, weight * share)
      return sum + loss * Double(share)
    }
  }

  private func addColumns(_ logits: Block, _ gradient: UnsafeMutablePointer<Float>, _ weight: Float) -> Double {
    let count = logits.rows
    let (turned, slope) = (FloatMemory(count: count * count), FloatMemory(count: count * count))
    for row in 0..<count { for column in 0..<count { turned.start[column * count + row] = logits.start[row * count + column] } }
    let loss = addRows(Block(turned.start, rows: count, columns: count), slope.start, weight)
    for row in 0..<count { for column in 0..<count { gradient[row * count + column] += slope.start[column * count + row] } }
    return loss
  }
}
