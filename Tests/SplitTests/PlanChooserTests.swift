import Split
import TestSupport
import Testing

extension Workload {
  /// 1 ms here and then either 9 ms here or 1 ms on the peer.
  static let simple = Workload(
    sequence: 1, present: 1,
    segments: [
      SegmentWork(multiplyAccumulates: 1e6, share: 1), SegmentWork(multiplyAccumulates: 1e6, share: 1),
    ],
    crossings: [Crossing(segments: 1, featureBytes: 1_000)], resultBytes: 4)
}

extension SplitPlanner {
  static func simple(roundTripMilliseconds: Double = 2) -> SplitPlanner {
    SplitPlanner(
      costs: DeviceCosts(sequences: [1], segments: [[1_000], [9_000]], preparation: [[0]], encoding: 0),
      energy: EnergyModel(idleWatts: 1, busyWatts: 2), link: .simple(roundTripMilliseconds),
      peer: PeerEstimate(microsecondsPerMultiplyAccumulate: 1e-3), splits: 1)
  }
}

extension LinkEstimate {
  /// So fast that bytes take no time.
  static func simple(_ roundTripMilliseconds: Double) -> LinkEstimate {
    LinkEstimate(roundTripMilliseconds: roundTripMilliseconds, upMegabits: 1e12, downMegabits: 1e12)
  }

  /// The same, measured once.
  static func measured(_ roundTripMilliseconds: Double) -> LinkEstimate {
    var link = simple(roundTripMilliseconds)
    link.sawRoundTrip(microseconds: 1_000 * roundTripMilliseconds)
    return link
  }
}

/// How long a choice is kept.
@Suite struct PlanChooserTests {
  private func plan(_ planner: inout SplitPlanner, at seconds: Int, _ goal: PlanGoal = PlanGoal(), hasPeer: Bool = true) -> Plan {
    planner.plan(.simple, goal: goal, hasPeer: hasPeer, now: Moment.start.adding(milliseconds: UInt32(seconds) * 1_000))
  }

  /// Local takes 10 ms, split 2 ms and a round trip.
  @Test func aSmallGainChangesNothing() {
    var planner = SplitPlanner.simple(roundTripMilliseconds: 9)
    #expect(plan(&planner, at: 0).chosen.handover == .none)
    planner.link = .simple(7.01)
    #expect(plan(&planner, at: 100).choice == PlanChooser.Choice(place: 0, reason: .keptForMargin(better: 1)))
    planner.link = .simple(6.99)
    #expect(plan(&planner, at: 200).choice == PlanChooser.Choice(place: 1, reason: .best(.latency, next: 0)))
  }

  @Test func aGainSoonAfterAChangeWaits() {
    var planner = SplitPlanner.simple(roundTripMilliseconds: 20)
    #expect(plan(&planner, at: 0).chosen.handover == .none)
    planner.link = .measured(1)
    #expect(plan(&planner, at: 1).chosen.handover == .split(0))
    planner.link = .measured(20)
    #expect(plan(&planner, at: 30).choice == PlanChooser.Choice(place: 1, reason: .keptForCalm(better: 0)))
    #expect(plan(&planner, at: 31).chosen.handover == .none)
  }

  /// The first transfer may show that it was wrong.
  @Test func aChangeOnAGuessIsTakenBackAtOnce() {
    var planner = SplitPlanner.simple(roundTripMilliseconds: 20)
    #expect(plan(&planner, at: 0).chosen.handover == .none)
    planner.link = .simple(1)
    #expect(plan(&planner, at: 1).chosen.handover == .split(0))
    planner.link.sawRoundTrip(microseconds: 600_000)
    #expect(plan(&planner, at: 2).chosen.handover == .none)
    planner.link = .measured(1)
    #expect(plan(&planner, at: 3).choice.reason == .keptForCalm(better: 1), "that was no guess")
  }

  @Test func whatIsNoLongerPossibleIsLeftAtOnce() {
    var planner = SplitPlanner.simple()
    planner.link = .measured(2)
    #expect(plan(&planner, at: 0).chosen.handover == .split(0))
    #expect(plan(&planner, at: 1, hasPeer: false).chosen.handover == .none)
    #expect(plan(&planner, at: 2).choice.reason == .keptForCalm(better: 1))
    #expect(plan(&planner, at: 32).chosen.handover == .split(0))
    planner.link = .simple(9)
    #expect(plan(&planner, at: 33, PlanGoal(.latency, deadline: 10_500)).chosen.handover == .none)
  }

  @Test func eachSetOfModalitiesHasItsOwnChoice() {
    var planner = SplitPlanner.simple()
    #expect(plan(&planner, at: 0).chosen.handover == .split(0))
    planner.link = .simple(7.5)
    #expect(plan(&planner, at: 1).chosen.handover == .split(0))
    let work = Workload(
      sequence: 1, present: 2, segments: Workload.simple.segments, crossings: Workload.simple.crossings, resultBytes: 4)
    planner.link = .simple(8.5)
    #expect(planner.plan(work, goal: PlanGoal(), hasPeer: true, now: .start).chosen.handover == .none)
    #expect(plan(&planner, at: 1).chosen.handover == .split(0))
  }

  /// A link that is now fast, now slow, now gone: nothing impossible is chosen, and no gain follows a change within 30 s.
  @Test(arguments: 0..<20)
  func aFlappingLinkChangesLittle(seed: UInt64) {
    var chance = SeededGenerator(seed: seed)
    var planner = SplitPlanner.simple()
    var (last, lastChange): (Handover, Int) = (plan(&planner, at: 0).chosen.handover, -1_000)
    var changes = 0
    for second in 1..<3_600 {
      planner.link = .measured(chance.once(in: 2) ? chance.spread(0.5, 4) : chance.spread(10, 100))
      let hasPeer = !chance.once(in: 100)
      let now = plan(&planner, at: second, hasPeer: hasPeer)
      #expect(hasPeer || now.chosen.handover == .none)
      if now.chosen.handover != last {
        #expect(second - lastChange >= 30 || !hasPeer, "seed \(seed), second \(second)")
        (last, lastChange) = (now.chosen.handover, second)
        changes += 1
      }
    }
    #expect((20...240).contains(changes))
  }
}
