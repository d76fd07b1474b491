package import Autograd
import Glibc
import Randomness

/// Holds a modality back while it learns faster than the others, so that these are not drowned: on-the-fly gradient modulation, with noise
/// that keeps what it loses for generalisation. (Peng et al. 2022, OGM-GE)
package struct Modulation: Hashable, Sendable {
  /// How strongly, from 0 for not at all.
  package var alpha: Double
  /// The deviation of the noise that is added to a modality's gradients, by that of each parameter's gradient; 0 for none (OGM).
  package var noise: Float

  package init(alpha: Double = 0.5, noise: Float = 1) {
    self.alpha = alpha
    self.noise = noise
  }

  /// A modality beside the others.
  package struct Balance: Hashable, Sendable {
    /// Its score by the mean of the others' scores: above 1 it dominates.
    package let ratio: Double
    /// What its gradients are multiplied by: 1 − tanh(alpha · ratio) where it dominates, else 1.
    package let coefficient: Double
  }

  /// Each modality's balance from the scores (see `score`) of at least two; without them there is none.
  package func balance(_ scores: [String: Double]) -> [String: Balance] {
    guard scores.count > 1 else { return [:] }
    let sum = scores.values.reduce(0, +)
    return scores.mapValues { score in
      let others = (sum - score) / Double(scores.count - 1)
      let ratio = score / max(others, .leastNormalMagnitude)
      return Balance(ratio: ratio, coefficient: ratio > 1 ? 1 - tanh(alpha * ratio) : 1)
    }
  }

  /// How well a modality alone tells what is right: the sum over the rows of the probability that the softmax of its logits gives the
  /// target. Logits may be similarities to the partners of a batch. Targets lie in 0..<columns; a negative one does not count.
  package static func score(_ logits: Rows, targets: [Int32]) -> Double {
    precondition(targets.count == logits.rows, "\(targets.count) targets for \(logits.rows) rows")
    return targets.enumerated().reduce(0) { sum, target in
      guard target.element >= 0 else { return sum }
      let row = UnsafeBufferPointer(start: logits.row(target.offset), count: logits.columns)
      let largest = row.max() ?? 0
      let total = row.reduce(0) { $0 + exp(Double($1 - largest)) }
      return sum + exp(Double(row[Int(target.element)] - largest)) / total
    }
  }

  /// Multiplies the gradients of modalities by their coefficients and adds the noise of a step.
  func apply(
    _ balances: [String: Balance], to gradients: ParameterMemory, _ groups: ParameterGroups, seed: UInt64, step: Int, _ workers: Workers
  ) {
    for (name, balance) in balances where noise > 0 || balance.coefficient < 1 {
      for place in groups.entries(of: name) {
        let random = CounterRandom(seed: seed, stream: Self.firstStream | UInt64(step) << 20 | UInt64(place))
        gradients.modulate(place, factor: Float(balance.coefficient), noise: noise, random: random, workers)
      }
    }
  }

  /// Streams of noise lie apart from those that trainings draw from.
  private static let firstStream: UInt64 = 1 << 63
}
