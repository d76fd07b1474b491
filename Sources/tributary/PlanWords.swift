import Split

/// A plan in words.
struct PlanWords {
  let plan: Plan
  /// The names of the split points.
  let splits: [String]

  /// Of the candidate at that place.
  func name(_ place: Int) -> String { plan.candidates[place].handover.name(of: splits) ?? "local" }

  /// Why it was chosen.
  var reason: String {
    switch plan.choice.reason {
    case .onlyOne: "the only way"
    case .onlyOneInTime: "the only one in time: \(amount(.lateness)) at the latest"
    case .onlyOneWithinEnergy: "the only one in time with so little energy: \(amount(.energy))"
    case .best(.latency, let next): "fastest: " + lead(.latency, next, "before")
    case .best(.energy, let next): "least energy: " + lead(.energy, next, "less than")
    case .best(.bytes, let next): "fewest bytes: " + lead(.bytes, next, "less than")
    case .best(.lateness, let next): "none is surely in time, this comes nearest: " + lead(.lateness, next, "before")
    case .best(.excess, let next): "none takes so little energy, this takes least: " + lead(.excess, next, "less than")
    case .keptForMargin(let better): "kept: \(name(better)) is better by too little for a change"
    case .keptForCalm(let better): "kept: it is too early for another change, to \(name(better))"
    }
  }

  /// As "12.1 ms, 3.4 ms before local".
  private func lead(_ field: Field, _ next: Int, _ relation: String) -> String {
    let gain = field.measure(plan.candidates[next]) - field.measure(plan.chosen)
    return amount(field) + (gain > 0 ? ", \(amount(gain, field)) \(relation) \(name(next))" : ", as \(name(next))")
  }

  private func amount(_ field: Field) -> String { amount(field.measure(plan.chosen), field) }

  func amount(_ measure: Double, _ field: Field) -> String {
    switch field {
    case .latency, .lateness: fixed(measure / 1e3, decimals: 1) + " ms"
    case .energy, .excess: fixed(measure * 1e3, decimals: 1) + " mJ"
    case .bytes: fixed(measure, decimals: 0) + " bytes"
    }
  }
}
