import Wire

/// Prices the ways to run a request, chooses one, and learns from how it went. A value without clock or sockets: it is told the time.
package struct SplitPlanner: Sendable {
  package let costs: DeviceCosts
  package let energy: EnergyModel?
  package var link: LinkEstimate
  package var peer: PeerEstimate
  /// How many times as long as `costs` say the device takes now, since it may be hot or busy; and when that was last seen.
  private var slowness = Smoothed(guess: 1)
  private var slownessSeen: Moment?
  /// Microseconds that a request lately lost to a peer that did not answer, and until when that counts.
  private var loss: (microseconds: Double, until: Moment)?
  /// How many bytes cross for a byte of features, in the order of `Graph.splitPoints`.
  private var ratios: [Smoothed]
  /// For each set of modalities.
  private var choosers: [(present: UInt64, chooser: PlanChooser)] = []

  /// For a graph with so many split points.
  package init(costs: DeviceCosts, energy: EnergyModel?, link: LinkEstimate, peer: PeerEstimate, splits: Int) {
    self.costs = costs
    self.energy = energy
    self.link = link
    self.peer = peer
    ratios = Array(repeating: Smoothed(guess: 1), count: splits)
  }

  /// Bytes around every body.
  package static let frameBytes = Frame(FrameHeader(.request), body: [0]).encodedSize - 1

  /// All ways to run a request, as they are now: all of it here, then, where there is a peer, after each split point and raw.
  package func candidates(for work: Workload, hasPeer: Bool) -> [Candidate] {
    let local = candidate(.none, work, body: 0, encoded: 0)
    guard hasPeer else { return [local] }
    let splits = work.crossings.enumerated().map { index, crossing in
      let body = Double(crossing.featureBytes) * (index < ratios.count ? ratios[index].mean : 1)
      return candidate(.split(index), work, body: body, encoded: crossing.featureBytes)
    }
    return [local] + splits + (work.rawBytes.map { [candidate(.raw, work, body: Double($0), encoded: 0)] } ?? [])
  }

  /// The way to run a request.
  package mutating func plan(_ work: Workload, goal: PlanGoal, hasPeer: Bool, now: Moment) -> Plan {
    if let seen = slownessSeen, seen.milliseconds(until: now) > Self.slownessMilliseconds {
      (slowness, slownessSeen) = (Smoothed(guess: 1), nil)
    }
    if let loss, loss.until < now { self.loss = nil }
    let candidates = candidates(for: work, hasPeer: hasPeer)
    let known = choosers.firstIndex { $0.present == work.present }
    if known == nil { choosers.append((work.present, PlanChooser())) }
    let choice = choosers[known ?? choosers.count - 1].chooser.choose(candidates, goal: goal, isGuess: !link.roundTrip.isMeasured, now: now)
    return Plan(candidates: candidates, choice: choice)
  }

  /// Learns from the device's own part of a request, with its preparation, up to where it handed over.
  package mutating func learn(deviceMicroseconds: Double, until handover: Handover, _ work: Workload, now: Moment) {
    let expected = device(handover, work)
    guard expected > 0 else { return }
    slowness.add(deviceMicroseconds / expected)
    slownessSeen = now
  }

  /// How long the device's slowness counts after it was last seen: where nothing runs here, it may be over.
  private static var slownessMilliseconds: UInt32 { 30_000 }

  /// Learns from a request that no peer answered, after so long. It counts for a hundred times as long, so that trying again takes a
  /// hundredth of the time at most, and for every way over the link, whatever was chosen before.
  package mutating func learn(lostMicroseconds lost: Double, now: Moment) {
    loss = (lost, now.adding(milliseconds: UInt32(clamping: Int64(lost / 10))))
    for index in choosers.indices { choosers[index].chooser.endCalm() }
  }

  /// Learns from a request that a peer answered.
  package mutating func learn(from run: RemoteRun, _ work: Workload) {
    loss = nil
    link.sawTransfer(sent: run.bytesSent, received: run.bytesReceived, microseconds: run.microseconds - run.waited - run.peerMicroseconds)
    var done = 0
    if case .split(let index) = run.handover, index < ratios.count, index < work.crossings.count {
      let crossing = work.crossings[index]
      done = crossing.segments
      ratios[index].add(Double(run.bytesSent - Self.frameBytes) / Double(max(1, crossing.featureBytes)))
    }
    let rest = work.multiplyAccumulates(of: min(done, work.segments.count)..<work.segments.count)
    peer.sawResult(multiplyAccumulates: rest, microseconds: run.peerMicroseconds, waited: run.waited)
  }
}

/// The ways to run a request and the chosen one.
package struct Plan: Sendable {
  package let candidates: [Candidate]
  package let choice: PlanChooser.Choice

  package var chosen: Candidate { candidates[choice.place] }
}

/// How a request went that a peer answered. Times are microseconds.
package struct RemoteRun: Sendable {
  package let handover: Handover
  /// Frames included.
  package let bytesSent: Int
  package let bytesReceived: Int
  /// From the first byte sent to the last received.
  package let microseconds: Double
  /// As the peer tells.
  package let waited: Double
  /// As the peer tells.
  package let peerMicroseconds: Double

  package init(
    handover: Handover, bytesSent: Int, bytesReceived: Int, microseconds: Double, waited: Double, peerMicroseconds: Double
  ) {
    self.handover = handover
    self.bytesSent = bytesSent
    self.bytesReceived = bytesReceived
    self.microseconds = microseconds
    self.waited = waited
    self.peerMicroseconds = peerMicroseconds
  }
}

extension SplitPlanner {
  /// The candidate that hands over there and sends that body, made of `encoded` bytes of features.
  private func candidate(_ handover: Handover, _ work: Workload, body: Double, encoded: Int) -> Candidate {
    let isRemote = handover != .none
    let device = device(handover, work) * slowness.mean
    let encode = Double(encoded) * costs.encoding * slowness.mean
    let sent = isRemote ? body + Double(Self.frameBytes) : 0
    let received = isRemote ? Double(work.resultBytes + Self.frameBytes) : 0
    let rest = work.multiplyAccumulates(of: segments(until: handover, work)..<work.segments.count)
    let trips = isRemote ? 0.5 + Double(link.openingRoundTrips) : 0
    let up = trips * link.roundTrip.mean + sent * link.up.mean
    let down = isRemote ? link.roundTrip.mean / 2 + received * link.down.mean : 0
    let wait = isRemote ? peer.wait.mean + (loss?.microseconds ?? 0) : 0
    let peers = isRemote ? rest * peer.pace.mean + (handover == .raw ? peersPreparation(work) : 0) : 0
    let deviation =
      isRemote
      ? link.roundTrip.deviation + sent * link.up.deviation + received * link.down.deviation + peer.wait.deviation
        + rest * peer.pace.deviation : 0
    return Candidate(
      handover: handover, device: device, encode: encode, up: up, wait: wait, peer: peers, down: down, deviation: deviation,
      bytesSent: sent, bytesReceived: received,
      joules: energy?.joules(busy: device + encode, waiting: up + wait + peers + down, sent: sent, received: received))
  }

  /// How many segments the device runs.
  private func segments(until handover: Handover, _ work: Workload) -> Int {
    switch handover {
    case .none: work.segments.count
    case .split(let index): work.crossings[index].segments
    case .raw: 0
    }
  }

  /// What the device's own part takes by `costs`.
  private func device(_ handover: Handover, _ work: Workload) -> Double {
    handover == .raw ? 0 : preparation(work) + time(of: 0..<segments(until: handover, work), work)
  }

  private func time(of range: Range<Int>, _ work: Workload) -> Double {
    range.reduce(0) { $0 + costs.time(costs.segments[$1], at: work.sequence) * work.segments[$1].share }
  }

  private func preparation(_ work: Workload) -> Double {
    costs.preparation.indices.reduce(0) {
      work.present >> UInt64($1) & 1 == 1 ? $0 + costs.time(costs.preparation[$1], at: work.sequence) : $0
    }
  }

  /// A peer is taken to prepare inputs as much faster than the device as it multiplies.
  private func peersPreparation(_ work: Workload) -> Double {
    let time = time(of: work.segments.indices, work)
    let products = work.multiplyAccumulates(of: work.segments.indices)
    return time > 0 ? preparation(work) * min(1, peer.pace.mean * products / time) : 0
  }
}

extension DeviceCosts {
  /// Microseconds that a multiply–accumulate of that request takes on the device, on the whole; 0 where there are none.
  package func pace(_ work: Workload) -> Double {
    let products = work.multiplyAccumulates(of: work.segments.indices)
    let microseconds = segments.indices.reduce(0) { $0 + time(segments[$1], at: work.sequence) * work.segments[$1].share }
    return products > 0 ? microseconds / products : 0
  }
}
