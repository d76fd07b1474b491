import CFloatKernels
import Glibc

/// SigLIP: every pair of embeddings of length 1 is to be told apart by itself, the pair on the diagonal from all others. A few rows of
/// similarities exist at a time, and no labels. (Zhai et al. 2023)
package struct SigmoidLoss: Sendable {
  /// Elements of the similarities that exist at once.
  private static let chunk = 1 << 18

  package init() {}

  /// −Σ log σ(±(scale · aᵢ·bⱼ + bias)) / rows, and its gradients by the logarithm of the scale and by the bias. Adds weight · gradient to
  /// those of both sides.
  package func callAsFunction(
    _ a: Rows, _ b: Rows, logScale: Float, bias: Float, gradients: (a: Rows?, b: Rows?), weight: Float = 1
  ) -> (loss: Double, logScaleGradient: Float, biasGradient: Float) {
    precondition(a.rows == b.rows && a.columns == b.columns, "\(a.rows) rows cannot be paired with \(b.rows)")
    guard a.rows > 0 else { return (0, 0, 0) }
    let length = min(max(Self.chunk / a.rows, 1), a.rows)
    let memory = FloatMemory(count: length * a.rows)
    var sums = Sums()
    for start in stride(from: 0, to: a.rows, by: length) {
      let rows = start..<min(start + length, a.rows)
      let block = Block(memory.start, rows: rows.count, columns: a.rows)
      MatrixProduct.timesTransposed(a.block(rows), b.block(), into: block, scale: expf(logScale))
      sums.add(block, firstRow: start, bias: bias, weight: weight / Float(a.rows))
      if let da = gradients.a { MatrixProduct.times(block, b.block(), into: da.block(rows), scale: expf(logScale), keep: 1) }
      if let db = gradients.b {
        MatrixProduct.transposedTimes(block, a.block(rows), into: db.block(), scale: expf(logScale), keep: 1)
      }
    }
    return (sums.loss / Double(a.rows), Float(sums.scale), Float(sums.bias))
  }

  private struct Sums {
    var loss = 0.0
    var scale = 0.0
    var bias = 0.0

    /// Replaces similarities by the gradient of weight · loss.
    mutating func add(_ block: Block, firstRow: Int, bias: Float, weight: Float) {
      for row in 0..<block.rows {
        let line = block.start + row * block.columns
        for column in 0..<block.columns {
          let sign: Float = column == firstRow + row ? 1 : -1
          let margin = sign * (line[column] + bias)
          loss += Double(max(-margin, 0) + log1pf(expf(-abs(margin))))
          let slope = -sign * weight / (1 + expf(margin))
          scale += Double(slope * line[column])
          self.bias += Double(slope)
          line[column] = slope
        }
      }
    }
  }
}
