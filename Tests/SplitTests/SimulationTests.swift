import Split
import TestSupport
import Testing
import Wire

@Test func everyRequestEndsOnceInTimeWithTheRightBytes() {
  var answers = 0
  var failures: Set<RemoteFailure> = []
  for seed in 0..<UInt64(scaled(10_000)) {
    let simulation = Simulation(seed: seed, faults: .all)
    simulation.run()
    if !simulation.violations.isEmpty { Issue.record("seed \(seed): \(simulation.violations)") }
    if simulation.ends.count != 4 { Issue.record("seed \(seed): \(simulation.ends.count) of 4 requests ended") }
    for end in simulation.ends {
      switch end {
      case .success: answers += 1
      case .failure(let failure): failures.insert(failure)
      }
    }
  }
  #expect(answers > scaled(10_000), "a quarter of the requests or more are answered in spite of it all")
  #expect(
    failures.isSuperset(of: [
      .refused, .closed, .deadlinePassed, .silent(pings: 3), .damaged(.headerChecksum), .damaged(.bodyChecksum), .peer(.malformed),
    ]), "\(failures)")
}

extension RemoteFailure {
  /// Whether a deadline passed, now or so lately that the peers are left alone.
  fileprivate var isLateness: Bool {
    switch self {
    case .deadlinePassed, .peer(.deadlinePassed), .resting: true
    default: false
    }
  }
}

@Test func withoutFaultsOnlyTheDeadlineStopsAnAnswer() {
  for seed in 0..<UInt64(200) {
    let simulation = Simulation(seed: seed, faults: .none)
    simulation.run()
    #expect(simulation.violations.isEmpty && simulation.ends.count == 4)
    for case .failure(let failure) in simulation.ends { #expect(failure.isLateness, "\(failure)") }
  }
}

@Test func aDrainingPeerLosesNothing() {
  var faults = Simulation.Faults.none
  faults.drain = 4
  var answers = 0
  for seed in 0..<UInt64(500) {
    let simulation = Simulation(seed: seed, faults: faults)
    simulation.run()
    #expect(simulation.violations.isEmpty)
    for end in simulation.ends {
      switch end {
      case .success: answers += 1
      case .failure(let failure):
        #expect(failure.isLateness || [.peer(.draining), .closed].contains(failure), "\(failure)")
      }
    }
  }
  #expect(answers > 1_000)
}

@Test(arguments: Simulation.Plant.allCases) func aPlantedBugIsFound(_ plant: Simulation.Plant) {
  let found = (0..<UInt64(50)).contains { seed in
    let simulation = Simulation(seed: seed, faults: .all, plant: plant)
    simulation.run()
    return !simulation.violations.isEmpty
  }
  #expect(found)
}
