package import ModelGraph

/// What a request allows its modalities to take.
package struct ActivationBudget: Sendable, Equatable {
  /// From the request's start to the answer.
  package var milliseconds: Double?
  package var joules: Double?
  /// Of the device while it computes; without it joules are no limit.
  package var watts: Double?

  package init(milliseconds: Double? = nil, joules: Double? = nil, watts: Double? = nil) {
    self.milliseconds = milliseconds
    self.joules = joules
    self.watts = watts
  }

  /// Whether it holds a request that takes that long.
  package func holds(milliseconds taken: Double) -> Bool {
    if let milliseconds, taken > milliseconds { return false }
    if let joules, let watts, taken / 1000 * watts > joules { return false }
    return true
  }
}

/// What the subnet of a modality takes and all that runs again behind it.
package struct ActivationCost: Sendable, Equatable {
  package let multiplyAccumulates: Int
  /// Where it was measured on this device.
  package let microseconds: Double?

  package init(multiplyAccumulates: Int, microseconds: Double? = nil) {
    self.multiplyAccumulates = multiplyAccumulates
    self.microseconds = microseconds
  }
}

/// Decides which of a request's modalities run: of those that are there and wanted the cheapest first, and each further one only while the
/// answer is less confident than asked for and the budget has room. The first runs whatever the budget, since without it there is no
/// answer. A value without a clock: it is told what was spent and how confident the answer is.
package struct ModalityActivation: Sendable {
  /// What became of a modality.
  package enum Verdict: Sendable, Equatable {
    /// It ran: the first, or because the answer before was only that confident, or had no confidence that is known.
    case first
    case unsure(Float)
    case unknownConfidence
    /// It did not run.
    case absent
    case excluded
    case confident(Float)
    case overBudget

    package var hasRun: Bool {
      switch self {
      case .first, .unsure, .unknownConfidence: true
      case .absent, .excluded, .confident, .overBudget: false
      }
    }
  }

  package let threshold: Float
  package let budget: ActivationBudget
  /// Of the answer so far; nil where there is none or it has no confidence.
  package private(set) var confidence: Float?
  private var verdicts: [(modality: Modality, verdict: Verdict)] = []
  /// Those to decide on.
  private var waiting: [(modality: Modality, cost: ActivationCost)] = []
  /// Whether measured times tell which is cheaper, for which all must have some.
  private let isMeasured: Bool
  /// What has run so far, to tell from its time that of others.
  private var multiplyAccumulates = 0

  /// `costs` has all modalities of the model; `wanted` are those that may run, nil for all.
  package init(
    costs: [(modality: Modality, cost: ActivationCost)], present: [Modality], wanted: [Modality]?, threshold: Float,
    budget: ActivationBudget
  ) {
    self.threshold = threshold
    self.budget = budget
    var waiting: [(modality: Modality, cost: ActivationCost)] = []
    for (modality, cost) in costs {
      if !present.contains(modality) {
        verdicts.append((modality, .absent))
      } else if let wanted, !wanted.contains(modality) {
        verdicts.append((modality, .excluded))
      } else {
        waiting.append((modality, cost))
      }
    }
    isMeasured = waiting.allSatisfy { $0.cost.microseconds != nil }
    self.waiting = waiting
  }

  /// What became of a modality; nil where it is not decided yet, or the model does not take it.
  package subscript(modality: Modality) -> Verdict? { verdicts.first { $0.modality == modality }?.verdict }

  /// Whether the answer needs nothing more.
  package var isConfident: Bool { confidence.map { $0 >= threshold } ?? false }

  /// The modality to run next, `spent` milliseconds after the request's start; nil where no further one shall run, with verdicts on all.
  package mutating func next(spent: Double) -> Modality? {
    guard let place = waiting.indices.min(by: { rank(waiting[$0].cost) < rank(waiting[$1].cost) }) else { return nil }
    let (modality, cost) = waiting[place]
    let isFirst = !verdicts.contains { $0.verdict.hasRun }
    if !isFirst, isConfident, let confidence { return decideRest(.confident(confidence)) }
    if !isFirst, !hasRoom(for: cost, spent: spent) { return decideRest(.overBudget) }
    waiting.remove(at: place)
    multiplyAccumulates += cost.multiplyAccumulates
    verdicts.append((modality, isFirst ? .first : confidence.map { .unsure($0) } ?? .unknownConfidence))
    return modality
  }

  private func rank(_ cost: ActivationCost) -> Double {
    isMeasured ? cost.microseconds ?? 0 : Double(cost.multiplyAccumulates)
  }

  /// Tells how confident the answer is now; nil where the model has nothing to tell it by.
  package mutating func observe(confidence: Float?) { self.confidence = confidence }

  /// Whether the budget has room for that as well: in the time that was measured, or else as fast as what has run.
  package func hasRoom(for cost: ActivationCost, spent: Double) -> Bool {
    let pace = multiplyAccumulates > 0 ? spent / Double(multiplyAccumulates) : 0
    return budget.holds(milliseconds: spent + (cost.microseconds.map { $0 / 1000 } ?? pace * Double(cost.multiplyAccumulates)))
  }

  private mutating func decideRest(_ verdict: Verdict) -> Modality? {
    for (modality, _) in waiting { verdicts.append((modality, verdict)) }
    waiting = []
    return nil
  }
}
