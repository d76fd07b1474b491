import Split
import TestSupport

extension SeededGenerator {
  /// A number between the bounds, as likely in each of their powers of ten.
  mutating func spread(_ low: Double, _ high: Double) -> Double {
    var value = low
    // Halving steps, so that no logarithm is needed.
    while value * 2 < high, Double.random(in: 0..<1, using: &self) < 0.8 { value *= 2 }
    return value * Double.random(in: 1..<2, using: &self)
  }
}

/// All that a plan depends on, by chance.
struct PlanningCase {
  var planner: SplitPlanner
  var work: Workload
  var goal: PlanGoal
  var hasPeer: Bool

  init(seed: UInt64) {
    var chance = SeededGenerator(seed: seed)
    let sequences = [8, 32, 128]
    let count = Int.random(in: 1...8, using: &chance)
    let segments = (0..<count).map { _ in
      Workload.SegmentWork(multiplyAccumulates: chance.spread(1e4, 1e9), share: Double.random(in: 0...1, using: &chance))
    }
    let cuts = (1...count).filter { _ in Bool.random(using: &chance) }
    work = Workload(
      sequence: Int.random(in: 1...200, using: &chance), present: UInt64.random(in: 1...3, using: &chance), segments: segments,
      crossings: cuts.map { Workload.Crossing(segments: $0, featureBytes: Int(chance.spread(100, 300_000))) },
      resultBytes: Int(chance.spread(4, 10_000)), rawBytes: Bool.random(using: &chance) ? Int(chance.spread(20, 1e6)) : nil)
    let rising = { (chance: inout SeededGenerator) in
      let first = chance.spread(1, 10_000)
      return [first, first * chance.spread(2, 4), first * chance.spread(8, 32)]
    }
    let costs = DeviceCosts(
      sequences: sequences, segments: (0..<count).map { _ in rising(&chance) }, preparation: [rising(&chance), rising(&chance)],
      encoding: chance.spread(1e-4, 1e-2))
    let energy = EnergyModel(
      idleWatts: chance.spread(0.1, 5), busyWatts: chance.spread(1, 30), joulesPerByteSent: chance.spread(1e-9, 1e-6),
      joulesPerByteReceived: chance.spread(1e-9, 1e-6), tailJoules: chance.spread(1e-5, 0.1))
    var link = LinkEstimate(
      roundTripMilliseconds: chance.spread(0.1, 200), upMegabits: chance.spread(0.1, 1000), downMegabits: chance.spread(0.1, 1000))
    for _ in 0..<Int.random(in: 0...3, using: &chance) { link.sawRoundTrip(microseconds: chance.spread(100, 200_000)) }
    link.openingRoundTrips = Int.random(in: 0...2, using: &chance)
    var peer = PeerEstimate(microsecondsPerMultiplyAccumulate: chance.spread(1e-6, 1e-3))
    if Bool.random(using: &chance) {
      peer.sawResult(multiplyAccumulates: 1e8, microseconds: chance.spread(100, 100_000), waited: chance.spread(1, 50_000))
    }
    planner = SplitPlanner(costs: costs, energy: energy, link: link, peer: peer, splits: cuts.count)
    let objectives: [Objective] = [.latency, .energy, .bytes, .latencyWithin(joules: chance.spread(1e-4, 1))]
    let deadline = Bool.random(using: &chance) ? chance.spread(1_000, 1e6) : nil
    goal = PlanGoal(objectives.randomElement(using: &chance) ?? .latency, deadline: deadline)
    hasPeer = Int.random(in: 0..<10, using: &chance) > 0
  }
}

/// One way to run a request, priced from the definitions alone.
struct BruteForceCandidate {
  let handover: Handover
  var latency = 0.0
  var latest = 0.0
  var joules = 0.0
  var bytes = 0.0
}

extension PlanningCase {
  /// Every way to run the request.
  var everyWay: [BruteForceCandidate] {
    var all = [price(.none, onDevice: work.segments.count, features: 0, body: 0)]
    guard hasPeer else { return all }
    for (index, crossing) in work.crossings.enumerated() {
      all.append(price(.split(index), onDevice: crossing.segments, features: crossing.featureBytes, body: crossing.featureBytes))
    }
    if let bytes = work.rawBytes { all.append(price(.raw, onDevice: 0, features: 0, body: bytes)) }
    return all
  }

  private func price(_ handover: Handover, onDevice: Int, features: Int, body: Int) -> BruteForceCandidate {
    var (segments, products, own, ownProducts) = (0.0, 0.0, 0.0, 0.0)
    for (index, segment) in work.segments.enumerated() {
      let time = interpolated(planner.costs.segments[index]) * segment.share
      own += time
      ownProducts += segment.multiplyAccumulates
      if index < onDevice { segments += time } else { products += segment.multiplyAccumulates }
    }
    var preparation = 0.0
    for input in 0..<2 where work.present & (1 << input) != 0 { preparation += interpolated(planner.costs.preparation[input]) }
    let busy = segments + (handover == .raw ? 0 : preparation) + Double(features) * planner.costs.encoding
    guard handover != .none, let energy = planner.energy else {
      let joules = busy * (planner.energy?.busyWatts ?? 0) / 1e6
      return BruteForceCandidate(handover: handover, latency: busy, latest: busy, joules: joules, bytes: 0)
    }
    let (link, peer) = (planner.link, planner.peer)
    let (sent, received) = (Double(body + 44), Double(work.resultBytes + 44))
    var waiting = Double(link.openingRoundTrips + 1) * link.roundTrip.mean + sent * link.up.mean + received * link.down.mean
    waiting += peer.wait.mean + products * peer.pace.mean
    if handover == .raw { waiting += min(preparation, preparation * peer.pace.mean / (own / ownProducts)) }
    let deviation =
      link.roundTrip.deviation + sent * link.up.deviation + received * link.down.deviation + peer.wait.deviation
      + products * peer.pace.deviation
    return BruteForceCandidate(
      handover: handover, latency: busy + waiting, latest: busy + waiting + 2 * deviation,
      joules: (busy * energy.busyWatts + waiting * energy.idleWatts) / 1e6 + sent * energy.joulesPerByteSent
        + received * energy.joulesPerByteReceived + energy.tailJoules,
      bytes: sent + received)
  }

  private func interpolated(_ times: [Double]) -> Double {
    let length = Double(work.sequence)
    switch work.sequence {
    case ...8: return times[0]
    case ...32: return times[0] * (32 - length) / 24 + times[1] * (length - 8) / 24
    case ...128: return times[1] * (128 - length) / 96 + times[2] * (length - 32) / 96
    default: return times[2] * length / 128
    }
  }

  /// The best of them all.
  var bruteForceChoice: Handover {
    let all = everyWay
    let inTime = all.filter { $0.latest <= goal.deadline ?? .infinity }
    let best = { (ways: [BruteForceCandidate], measure: (BruteForceCandidate) -> Double) in
      ways.min { (measure($0), $0.bytes) < (measure($1), $1.bytes) }?.handover ?? .none
    }
    guard !inTime.isEmpty else { return best(all) { $0.latest } }
    switch goal.objective {
    case .latency: return best(inTime) { $0.latency }
    case .energy: return best(inTime) { $0.joules }
    case .bytes: return best(inTime) { $0.bytes }
    case .latencyWithin(let joules):
      let affordable = inTime.filter { $0.joules <= joules }
      return affordable.isEmpty ? best(inTime) { $0.joules } : best(affordable) { $0.latency }
    }
  }
}
