import Split
import TestSupport
import Testing

/// What the planner chooses, and what its candidates say.
@Suite struct PlannerTests {
  @Test func theChoiceIsThatOfExhaustiveSearch() {
    var seen: Set<Handover> = []
    for seed in 0..<UInt64(scaled(20_000)) {
      var planning = PlanningCase(seed: seed)
      let plan = planning.planner.plan(planning.work, goal: planning.goal, hasPeer: planning.hasPeer, now: .start)
      #expect(plan.chosen.handover == planning.bruteForceChoice, "seed \(seed)")
      seen.insert(plan.chosen.handover)
    }
    #expect(seen.isSuperset(of: [.none, .split(0), .split(3), .raw]))
  }

  @Test func candidatesAreTheSumOfTheirParts() {
    for seed in 0..<UInt64(2_000) {
      let planning = PlanningCase(seed: seed)
      let candidates = planning.planner.candidates(for: planning.work, hasPeer: planning.hasPeer)
      for (candidate, expected) in zip(candidates, planning.everyWay) {
        #expect(candidate.handover == expected.handover)
        #expect((candidate.latency - expected.latency).magnitude <= 1e-9 * expected.latency, "seed \(seed)")
        #expect(((candidate.joules ?? 0) - expected.joules).magnitude <= 1e-9 * expected.joules)
        #expect(candidate.bytes == expected.bytes)
        #expect([candidate.device, candidate.encode, candidate.up, candidate.wait, candidate.peer, candidate.down].allSatisfy { $0 >= 0 })
      }
      #expect(candidates.count == planning.everyWay.count)
    }
  }

  /// Latency is a line in the time of a byte for each candidate, so the least of them only turns to fewer bytes as that rises; likewise
  /// for the peer's pace and what it computes, the round trip and whether there is one, and energy with its cost of a byte.
  @Test func aWorsePeerOrLinkIsNeverAskedForMore() {
    for seed in 0..<UInt64(5_000) {
      var chance = SeededGenerator(seed: ~seed)
      let planning = PlanningCase(seed: seed)
      let factor = chance.spread(1, 100)
      let (trip, up, down) = (planning.planner.link.roundTrip.mean, planning.planner.link.up.mean, planning.planner.link.down.mean)
      let link = { (trips: Double, bytes: Double) in
        LinkEstimate(roundTripMilliseconds: trip * trips / 1_000, upMegabits: 8 / up / bytes, downMegabits: 8 / down)
      }
      let pace = planning.planner.peer.pace.mean
      let (before, slowLink) = (planning.best(link(1, 1), pace), planning.best(link(1, factor), pace))
      #expect(slowLink.bytesSent <= before.bytesSent, "seed \(seed)")
      #expect(planning.best(link(factor, 1), pace).handover == .none || before.handover != .none, "seed \(seed)")
      let slowPeer = planning.best(link(1, 1), pace * factor)
      #expect(planning.peersProducts(slowPeer) <= planning.peersProducts(before) * (1 + 1e-9), "seed \(seed)")
      let (cheap, dear) = (planning.leastEnergy(byteFactor: 1), planning.leastEnergy(byteFactor: factor))
      #expect(dear.bytesSent <= cheap.bytesSent, "seed \(seed)")
    }
  }

  @Test func equalsAreDecidedByBytesThenOrder() {
    let costs = DeviceCosts(sequences: [1], segments: [[0], [0]], preparation: [], encoding: 0)
    let segment = Workload.SegmentWork(multiplyAccumulates: 0, share: 1)
    let work = Workload(
      sequence: 1, present: 1, segments: [segment, segment],
      crossings: [Workload.Crossing(segments: 1, featureBytes: 9), Workload.Crossing(segments: 2, featureBytes: 9)], resultBytes: 4,
      rawBytes: 5)
    let link = LinkEstimate(roundTripMilliseconds: 0, upMegabits: 8e30, downMegabits: 8e30)
    var planner = SplitPlanner(
      costs: costs, energy: nil, link: link, peer: PeerEstimate(microsecondsPerMultiplyAccumulate: 0), splits: 2)
    let plan = planner.plan(work, goal: PlanGoal(.energy), hasPeer: true, now: .start)
    #expect(plan.chosen.handover == .none && plan.choice.reason == .best(.energy, next: 3))
    #expect(planner.plan(work, goal: PlanGoal(.energy), hasPeer: false, now: .start).choice.reason == .onlyOne)
  }

  @Test func reasonsTellWhatBoundTheChoice() {
    let reason = { (goal: PlanGoal) in
      var planner = SplitPlanner.simple()
      return planner.plan(.simple, goal: goal, hasPeer: true, now: .start).choice
    }
    // Local: 10 ms and 20 mJ. Split: 1 ms here, 2 ms of round trip, 1 ms there.
    #expect(reason(PlanGoal(.latency)) == PlanChooser.Choice(place: 1, reason: .best(.latency, next: 0)))
    #expect(reason(PlanGoal(.bytes)) == PlanChooser.Choice(place: 0, reason: .best(.bytes, next: 1)))
    #expect(reason(PlanGoal(.bytes, deadline: 5_000)) == PlanChooser.Choice(place: 1, reason: .onlyOneInTime))
    #expect(reason(PlanGoal(.bytes, deadline: 1_000)) == PlanChooser.Choice(place: 1, reason: .best(.lateness, next: 0)))
    #expect(reason(PlanGoal(.latencyWithin(joules: 0.01))) == PlanChooser.Choice(place: 1, reason: .onlyOneWithinEnergy))
    #expect(reason(PlanGoal(.latencyWithin(joules: 0.0001))) == PlanChooser.Choice(place: 1, reason: .best(.excess, next: 0)))
    #expect(reason(PlanGoal(.latencyWithin(joules: 1))) == PlanChooser.Choice(place: 1, reason: .best(.latency, next: 0)))
  }

  @Test func learnsHowSlowTheDeviceIs() {
    var planner = SplitPlanner.simple()
    let before = planner.candidates(for: .simple, hasPeer: true)
    let local = before[0].device
    for _ in 0..<60 { planner.learn(deviceMicroseconds: 3 * local, until: .none, .simple, now: .start) }
    for (before, after) in zip(before, planner.candidates(for: .simple, hasPeer: true)) {
      #expect((after.device - 3 * before.device).magnitude < 0.01 * local && (after.encode - 3 * before.encode).magnitude < 0.01 * local)
      #expect(after.up == before.up && after.peer == before.peer && after.down == before.down && after.deviation == before.deviation)
    }
    // Of half of its part it learns the same, of none nothing.
    planner.learn(deviceMicroseconds: 3 * before[1].device, until: .split(0), .simple, now: .start)
    planner.learn(deviceMicroseconds: 5, until: .raw, .simple, now: .start)
    #expect((planner.candidates(for: .simple, hasPeer: true)[0].device - 3 * local).magnitude < 0.01 * local)
  }

  @Test func aSlowDeviceAsksThePeerUntilThatIsLongAgo() {
    var planner = SplitPlanner.simple(roundTripMilliseconds: 20)
    var now = Moment.start.adding(milliseconds: 60_000)
    #expect(planner.plan(.simple, goal: PlanGoal(), hasPeer: true, now: now).chosen.handover == .none)
    let local = planner.candidates(for: .simple, hasPeer: true)[0].device
    now = now.adding(milliseconds: 31_000)
    for _ in 0..<20 { planner.learn(deviceMicroseconds: 10 * local, until: .none, .simple, now: now) }
    #expect(planner.plan(.simple, goal: PlanGoal(), hasPeer: true, now: now).chosen.handover == .split(0))
    now = now.adding(milliseconds: 31_000)
    #expect(planner.plan(.simple, goal: PlanGoal(), hasPeer: true, now: now).chosen.handover == .none)
  }

  @Test func aPeerThatDidNotAnswerIsAskedAgainMuchLater() {
    var planner = SplitPlanner.simple(roundTripMilliseconds: 20)
    let at = { (milliseconds: UInt32) in Moment.start.adding(milliseconds: milliseconds) }
    let choice = { (planner: inout SplitPlanner, milliseconds) in
      planner.plan(.simple, goal: PlanGoal(), hasPeer: true, now: at(milliseconds)).chosen.handover
    }
    #expect(choice(&planner, 0) == .none)
    planner.link = .measured(1)
    #expect(choice(&planner, 1_000) == .split(0))
    // The change to the peer is recent, and yet given up at once.
    planner.learn(lostMicroseconds: 500_000, now: at(2_000))
    #expect(planner.candidates(for: .simple, hasPeer: true)[1].wait == 500_000)
    #expect(planner.candidates(for: .simple, hasPeer: true)[0].wait == 0)
    #expect(choice(&planner, 2_000) == .none)
    #expect(choice(&planner, 52_000) == .none)
    #expect(choice(&planner, 52_001) == .split(0))
    // An answer clears what was lost.
    planner.learn(lostMicroseconds: 500_000, now: at(60_000))
    planner.learn(
      from: RemoteRun(handover: .split(0), bytesSent: 1_044, bytesReceived: 48, microseconds: 2_000, waited: 0, peerMicroseconds: 1_000),
      .simple)
    #expect(choice(&planner, 100_000) == .split(0))
  }

  @Test func learnsRatioPaceAndWait() {
    var planner = SplitPlanner.simple()
    let before = planner.candidates(for: .simple, hasPeer: true)[1]
    for _ in 0..<40 {
      planner.learn(
        from: RemoteRun(
          handover: .split(0), bytesSent: 544, bytesReceived: 48, microseconds: 14_000, waited: 8_000, peerMicroseconds: 4_000), .simple)
    }
    let after = planner.candidates(for: .simple, hasPeer: true)[1]
    #expect(before.bytesSent == 1_044 && (after.bytesSent - 544).magnitude < 1)
    #expect(before.peer == 1_000 && (after.peer - 4_000).magnitude < 1)
    #expect(before.wait == 0 && (after.wait - 8_000).magnitude < 1)
  }
}

extension PlanningCase {
  fileprivate func best(_ link: LinkEstimate, _ pace: Double) -> Candidate {
    var planner = SplitPlanner(
      costs: planner.costs, energy: planner.energy, link: link, peer: PeerEstimate(microsecondsPerMultiplyAccumulate: pace),
      splits: work.crossings.count)
    return planner.plan(withoutRaw, goal: PlanGoal(), hasPeer: true, now: .start).chosen
  }

  /// A peer's preparation of raw input is no product.
  private var withoutRaw: Workload {
    Workload(
      sequence: work.sequence, present: work.present, segments: work.segments, crossings: work.crossings, resultBytes: work.resultBytes)
  }

  fileprivate func leastEnergy(byteFactor: Double) -> Candidate {
    let energy = planner.energy.map {
      EnergyModel(
        idleWatts: $0.idleWatts, busyWatts: $0.busyWatts, joulesPerByteSent: $0.joulesPerByteSent * byteFactor,
        joulesPerByteReceived: $0.joulesPerByteReceived, tailJoules: $0.tailJoules)
    }
    var planner = SplitPlanner(
      costs: planner.costs, energy: energy, link: planner.link, peer: planner.peer, splits: work.crossings.count)
    return planner.plan(work, goal: PlanGoal(.energy), hasPeer: true, now: .start).chosen
  }

  fileprivate func peersProducts(_ candidate: Candidate) -> Double {
    guard case .split(let index) = candidate.handover else { return 0 }
    return work.multiplyAccumulates(of: work.crossings[index].segments..<work.segments.count)
  }
}
