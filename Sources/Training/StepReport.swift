/// What the losses of a batch tell.
package struct BatchLoss: Hashable, Sendable {
  /// What is made smaller.
  package var total: Double
  /// Losses that are shown by themselves, such as that of each modality or task.
  package var parts: [String: Double]
  /// How well each modality alone tells what is right (`Modulation.score`), by the name of its parameters' group.
  package var scores: [String: Double]

  package init(_ total: Double, parts: [String: Double] = [:], scores: [String: Double] = [:]) {
    self.total = total
    self.parts = parts
    self.scores = scores
  }

  mutating func add(_ other: BatchLoss) {
    total += other.total
    parts.merge(other.parts) { $0 + $1 }
    scores.merge(other.scores) { $0 + $1 }
  }

  /// Losses by batch; scores stay sums.
  func mean(of batches: Int) -> BatchLoss {
    BatchLoss(total / Double(batches), parts: parts.mapValues { $0 / Double(batches) }, scores: scores)
  }
}

/// What a step tells.
package struct StepReport: Hashable, Sendable {
  /// Of a group of parameters.
  package struct Group: Hashable, Sendable {
    package let name: String
    /// Before modalities were balanced.
    package let gradientNorm: Double
    /// Nil for a group that is not balanced.
    package let balance: Modulation.Balance?
    /// Whether its gradients have been next to nothing beside those of another group for a while: it learns nothing.
    package let isVanishing: Bool
  }

  /// The means over the batches, and the sums of their scores.
  package let loss: BatchLoss
  /// Before it was clipped.
  package let gradientNorm: Double
  package let rate: Float
  package let groups: [Group]
}

extension StepReport {
  /// What an event log shows of it.
  package var scalars: [(tag: String, value: Double)] {
    var scalars = [("loss/total", loss.total), ("gradient/all", gradientNorm), ("rate", Double(rate))]
    scalars += loss.parts.sorted { $0.key < $1.key }.map { ("loss/\($0.key)", $0.value) }
    for group in groups {
      scalars.append(("gradient/\(group.name)", group.gradientNorm))
      guard let balance = group.balance else { continue }
      scalars += [("balance/\(group.name)", balance.ratio), ("coefficient/\(group.name)", balance.coefficient)]
    }
    return scalars.map { (tag: $0.0, value: $0.1) }
  }
}
