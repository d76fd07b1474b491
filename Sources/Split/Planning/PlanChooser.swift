/// Chooses among candidates, and keeps to a choice: a change wants a gain, and some time since the last one, unless that was made on a
/// guess. It leaves at once what is no longer possible, or what no longer meets the goal while another does.
package struct PlanChooser: Sendable {
  /// A candidate's place, and why it was chosen.
  package struct Choice: Sendable, Equatable {
    package let place: Int
    package let reason: PlanReason

    package init(place: Int, reason: PlanReason) {
      self.place = place
      self.reason = reason
    }
  }

  /// The least gain for a change, as a share of what the present choice takes.
  static let margin = 0.1
  /// The least time between a change and the next that is made for a gain, in milliseconds.
  static let calmMilliseconds: UInt32 = 30_000

  private var current: Handover?
  private var calmUntil: Moment?

  package init() {}

  /// The best of at least one candidate, unless the last choice is to be kept. `isGuess`: nothing has crossed the link yet.
  package mutating func choose(_ candidates: [Candidate], goal: PlanGoal, isGuess: Bool = false, now: Moment) -> Choice {
    let (places, field, reason) = goal.admit(candidates)
    let best = Self.best(of: places, candidates, field)
    let next = Self.best(of: places.filter { $0 != best }, candidates, field)
    let choice = Choice(place: best, reason: reason ?? .best(field, next: next))
    guard let current, let held = places.first(where: { candidates[$0].handover == current }), held != best else {
      return take(choice, candidates, isGuess, now)
    }
    let (old, new) = (field.measure(candidates[held]), field.measure(candidates[best]))
    guard old - new >= max(field.leastGain, old * Self.margin) else { return Choice(place: held, reason: .keptForMargin(better: best)) }
    if let calmUntil, now < calmUntil { return Choice(place: held, reason: .keptForCalm(better: best)) }
    return take(choice, candidates, isGuess, now)
  }

  /// What was chosen did not come to an end: the next change need not wait.
  mutating func endCalm() { calmUntil = nil }

  private mutating func take(_ choice: Choice, _ candidates: [Candidate], _ isGuess: Bool, _ now: Moment) -> Choice {
    let handover = candidates[choice.place].handover
    if current != nil, current != handover, !isGuess { calmUntil = now.adding(milliseconds: Self.calmMilliseconds) }
    current = handover
    return choice
  }

  /// Of equals the one with the fewest bytes, then the first; the first candidate where there are no places.
  private static func best(of places: [Int], _ candidates: [Candidate], _ field: Field) -> Int {
    var best = places.first ?? 0
    for place in places.dropFirst() {
      let (gain, saving) = (
        field.measure(candidates[best]) - field.measure(candidates[place]), candidates[best].bytes - candidates[place].bytes
      )
      if gain > 0 || (gain == 0 && saving > 0) { best = place }
    }
    return best
  }
}
