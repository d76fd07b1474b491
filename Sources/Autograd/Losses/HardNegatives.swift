import CFloatKernels
package import Randomness

/// Partners that do not belong together but look as if they did, for image–text matching: each row of one side gets a row of the other,
/// drawn from the softmax of their similarities, never its own. The matching itself is a cross-entropy of two classes over the B true pairs
/// and the 2 B drawn ones. (Li et al. 2021, ALBEF)
package struct HardNegatives: Hashable, Sendable {
  /// For each row of a one of b, and the reverse.
  package let ofA: [Int]
  package let ofB: [Int]

  /// Draws from at least two pairs of embeddings; `scale` multiplies their products.
  package init(_ a: Rows, _ b: Rows, scale: Float, random: inout CounterRandom) {
    precondition(a.rows == b.rows && a.rows > 1, "negatives need at least two pairs")
    ofA = Self.draw(a, b, scale, &random)
    ofB = Self.draw(b, a, scale, &random)
  }

  private static func draw(_ a: Rows, _ b: Rows, _ scale: Float, _ random: inout CounterRandom) -> [Int] {
    (0..<a.rows).map { row in
      var weights = [Float](repeating: 0, count: b.rows)
      for other in 0..<b.rows { weights[other] = scale * Float(f32_dot(a.row(row), b.row(other), a.columns)) }
      f32_softmax(&weights, 1, b.rows, b.rows, 0)
      weights[row] = 0
      return random.index(weights: weights) ?? (row + 1) % b.rows
    }
  }

  /// The classes of the B true pairs, then of a with what was drawn for it, then of b: 1 for a true pair.
  package static func targets(pairs: Int) -> [Int32] {
    Array(repeating: 1, count: pairs) + Array(repeating: 0, count: 2 * pairs)
  }
}
