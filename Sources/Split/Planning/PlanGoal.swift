/// What a plan is to be good at.
package enum Objective: Sendable, Equatable {
  /// The least time.
  case latency
  /// The least of the device's energy.
  case energy
  /// The fewest bytes over the link.
  case bytes
  /// The least time among what takes at most so many joules.
  case latencyWithin(joules: Double)
}

/// What a caller wants of a request. Objectives of energy count a device whose energy is not known as taking none.
package struct PlanGoal: Sendable, Equatable {
  package let objective: Objective
  /// Microseconds until the result must be there; nil where there is no hurry.
  package let deadline: Double?

  package init(_ objective: Objective = .latency, deadline: Double? = nil) {
    self.objective = objective
    self.deadline = deadline
  }
}

/// Why a candidate was chosen.
package enum PlanReason: Sendable, Equatable {
  /// There is no other.
  case onlyOne
  /// Best by the measure of the field; the candidate at that place comes next.
  case best(Field, next: Int)
  /// All others would be late.
  case onlyOneInTime
  /// All others take more joules than allowed.
  case onlyOneWithinEnergy
  /// It was chosen before, and the one at that place is better by too little for a change.
  case keptForMargin(better: Int)
  /// It was chosen before, and the last change was too recent for one to the candidate at that place.
  case keptForCalm(better: Int)
}

/// The candidates among which a goal lets choose, and by what.
package enum Field: Sendable, Equatable {
  case latency
  case energy
  case bytes
  /// None makes the deadline: those that come nearest to it are best.
  case lateness
  /// Of those in time none takes as little energy as allowed: those that take least are best.
  case excess

  /// What is to be as little as can be.
  package func measure(_ candidate: Candidate) -> Double {
    switch self {
    case .latency: candidate.latency
    case .lateness: candidate.latest
    case .energy, .excess: candidate.joules ?? 0
    case .bytes: candidate.bytes
    }
  }

  /// The least gain that is worth a change, beside a tenth: a millisecond, a millijoule, a header's bytes.
  var leastGain: Double {
    switch self {
    case .latency, .lateness: 1_000
    case .energy, .excess: 0.001
    case .bytes: 40
    }
  }
}

extension PlanGoal {
  /// The places of the candidates that meet the goal's bounds, or where none does those that may stand in, and how they compare.
  func admit(_ candidates: [Candidate]) -> (places: [Int], field: Field, reason: PlanReason?) {
    guard candidates.count > 1 else { return (Array(candidates.indices), .latency, .onlyOne) }
    let inTime = candidates.indices.filter { candidates[$0].latest <= deadline ?? .infinity }
    guard !inTime.isEmpty else { return (Array(candidates.indices), .lateness, nil) }
    let only: PlanReason? = inTime.count == 1 ? .onlyOneInTime : nil
    switch objective {
    case .latency: return (inTime, .latency, only)
    case .energy: return (inTime, .energy, only)
    case .bytes: return (inTime, .bytes, only)
    case .latencyWithin(let joules):
      let affordable = inTime.filter { candidates[$0].joules ?? 0 <= joules }
      guard !affordable.isEmpty else { return (inTime, .excess, only) }
      return (affordable, .latency, affordable.count > 1 ? nil : only ?? .onlyOneWithinEnergy)
    }
  }
}
