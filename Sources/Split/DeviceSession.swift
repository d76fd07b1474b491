import Wire

/// The device's side of its conversations with peers, as a value: events in, actions out. It holds one connection at a time, to the first
/// peer in the list that works, and outlives connections. At most one request is under way; it ends exactly once, by its deadline if `tick`
/// is called at `wakeUp`. Where a peer fails in the middle of it, the next one gets it, with the features that were retained.
package struct DeviceSession {
  enum Link: Equatable {
    case down
    case connecting(peer: Int)
    case greeting(peer: Int)
    case ready(peer: Int, Welcome)

    var peer: Int? {
      switch self {
      case .down: nil
      case .connecting(let peer), .greeting(let peer), .ready(let peer, _): peer
      }
    }
  }

  struct Pending {
    let request: SplitRequest
    /// The id under which it was sent; 0 until then.
    var id: UInt32 = 0
    var encoding: BodyEncoding = []
    var bytesSent = 0
    var sentAt: Moment
    /// Peers that failed it.
    var tried: Set<Int> = []
    /// Whether the connection was there before the request: then its end says nothing about the peer.
    var isOnOldConnection = false
    /// Times that it may begin anew with the same peer, which had not run it.
    var renewals = 1
    /// When it is to be given to a peer again, while it waits for that.
    var retry: Moment?
    /// How long it last waited for that, in milliseconds. Once it has, peers do not rest for it.
    var pause: UInt32 = 0
  }

  let contract: BundleContract
  let settings: DeviceSettings
  let encoder: FeatureEncoder
  var health: [PeerHealth]
  var jitter: Jitter
  var link = Link.down
  var pending: Pending?
  /// The peer said goodbye: this connection takes no more requests.
  var isLeaving = false
  var decoder = FrameDecoder(bodyLimit: 0)
  var load = PeerLoad.none
  var memory = SentFeatures()
  var lastRequest: UInt32 = 0
  var pings: UInt32 = 0
  var pingedAt: Moment?
  var greetedAt: Moment?
  /// The least time that anything took to the peer and back on this connection, in milliseconds.
  var roundTrip = UInt32.max
  /// When the attempt at a connection gives way to another peer.
  var openingEnd: Moment?
  var unansweredPings = 0
  var nextPing: Moment?

  /// A session with `peers` peers (1 or more), in the order of preference. `seed` makes the pauses after failures differ between devices.
  package init(
    contract: BundleContract, peers: Int = 1, settings: DeviceSettings = DeviceSettings(), dictionary: [UInt8] = [], seed: UInt64 = 0
  ) {
    self.contract = contract
    self.settings = settings
    encoder = FeatureEncoder(dictionary: dictionary)
    health = Array(repeating: PeerHealth(), count: peers)
    jitter = Jitter(seed: seed)
  }

  /// When to call `tick` next; nil while nothing is awaited.
  package var wakeUp: Moment? { earlier(earlier(pending?.request.deadline, nextPing), earlier(openingEnd, pending?.retry)) }

  /// Whether a connection waits for the next request.
  package var isReady: Bool {
    if case .ready = link { !isLeaving } else { false }
  }

  /// Whether every peer failed lately and is left alone.
  package func isResting(now: Moment) -> Bool { health.allSatisfy { $0.isResting(now) } }

  /// Starts a request. The one before must have finished.
  package mutating func submit(_ request: SplitRequest, now: Moment) -> [DeviceAction] {
    precondition(pending == nil, "a session runs one request at a time")
    guard isSuitable(request) else { return [.finish(.failure(.unsuitableRequest))] }
    pending = Pending(request: request, sentAt: now)
    return failIfLate(now) ?? ask(now)
  }

  /// The connection asked for is open.
  package mutating func connected(now: Moment) -> [DeviceAction] {
    guard case .connecting(let peer) = link else { return [] }
    link = .greeting(peer: peer)
    greetedAt = now
    decoder = FrameDecoder(bodyLimit: contract.maximumResultBytes)
    return [.send(Hello(versions: settings.versions, bundle: contract.hash).frame.encoded)]
  }

  /// The connection asked for could not be opened.
  package mutating func connectFailed(_ reason: RemoteFailure, now: Moment) -> [DeviceAction] {
    guard case .connecting = link else { return [] }
    return fail(reason, now, isOpen: false)
  }

  /// The peer or the network ended the connection, or there is that reason to end it.
  package mutating func closed(_ reason: RemoteFailure = .closed, now: Moment) -> [DeviceAction] {
    guard link != .down else { return [] }
    if let late = failIfLate(now) { return late }
    return fail(reason, now, isOpen: false)
  }

  /// Time has passed.
  package mutating func tick(now: Moment) -> [DeviceAction] {
    if let late = failIfLate(now) { return late }
    if let openingEnd, now >= openingEnd { return fail(.unreachable, now) }
    if let retry = pending?.retry, now >= retry { return ask(now) }
    guard case .ready(_, let welcome) = link, let due = nextPing, now >= due else { return [] }
    guard unansweredPings < settings.maximumPings else { return fail(.silent(pings: unansweredPings), now) }
    unansweredPings += 1
    pings = pings % .max + 1
    pingedAt = now
    nextPing = now.adding(milliseconds: pingPause)
    return [.send(Frame(FrameHeader(.ping, session: welcome.session, request: pings)).encoded)]
  }

  /// Says goodbye, if there is a connection, and drops it. A request under way fails with `closed`.
  package mutating func leave() -> [DeviceAction] {
    var farewell: [DeviceAction] = []
    if case .ready(_, let welcome) = link {
      farewell = [.send(Frame(FrameHeader(.goodbye, session: welcome.session)).encoded)]
    }
    return farewell + drop() + finish(.failure(.closed))
  }
}

extension DeviceSession {
  private func isSuitable(_ request: SplitRequest) -> Bool {
    switch request.body {
    case .raw(let inputs): return !inputs.items.isEmpty && request.present != 0
    case .features(let features, let split):
      return features.count == contract.featureBytes(split: split, sequence: request.sequence, present: request.present)
    }
  }

  /// No shorter than a round trip, so that there is time for as many pongs as pings may go unanswered.
  var pingPause: UInt32 { max(roundTrip, pending == nil ? settings.idlePingMilliseconds : settings.pingMilliseconds) }

  /// Gives the pending request to the peer of the connection, or to the first that may be asked.
  private mutating func ask(_ now: Moment) -> [DeviceAction] {
    switch link {
    case .ready(let peer, let welcome) where !isLeaving && mayAsk(peer, now):
      pending?.isOnOldConnection = true
      return send(welcome, to: peer, now)
    case .connecting, .greeting: return []
    case .ready: return drop() + tryNext(or: .resting(milliseconds: restMilliseconds(now)), now)
    case .down: return tryNext(or: .resting(milliseconds: restMilliseconds(now)), now)
    }
  }

  /// Sends the pending request on an open session.
  mutating func send(_ welcome: Welcome, to peer: Int, _ now: Moment) -> [DeviceAction] {
    guard var pending else { return [] }
    pending.retry = nil
    let request = pending.request
    guard fits(request, welcome) else { return finish(.failure(.unsuitableRequest)) }
    guard load.credits > 0 else {
      guard !isLeaving else { return fail(.peer(.draining), now) }
      health[peer].isBusy(now, wait: load.wait, settings.rest, &jitter)
      pending.tried.insert(peer)
      self.pending = pending
      return tryElsewhere(or: .peer(.busy), now)
    }
    // Ids rise within a session, and one that ran out of them starts over on a new connection.
    guard lastRequest < .max else { return drop() + connect(to: peer, now) }
    lastRequest += 1
    let body = encoded(request, id: lastRequest)
    pending.id = lastRequest
    pending.encoding = body.encoding
    pending.sentAt = now
    let header = FrameHeader.request(
      pending.id, session: welcome.session, plan: PlanID(bundle: contract.hash.prefix, split: request.split), encoding: body.encoding,
      sequence: request.sequence, present: request.present, deadline: max(1, now.milliseconds(until: request.deadline)))
    let frame = Frame(header, body: body.bytes).encoded
    pending.bytesSent = frame.count
    self.pending = pending
    let crossing = UInt64(frame.count) * 1_000 / UInt64(max(1, settings.slowestLink))
    unansweredPings = 0
    nextPing = now.adding(milliseconds: pingPause).adding(milliseconds: UInt32(clamping: crossing))
    return [.send(frame)]
  }

  private func fits(_ request: SplitRequest, _ welcome: Welcome) -> Bool {
    switch request.body {
    case .features(_, let split): request.sequence <= welcome.maximumSequence && split < welcome.splitCount
    case .raw(let inputs): inputs.encodedSize <= Int(welcome.rawKibibytes) << 10
    }
  }

  private mutating func encoded(_ request: SplitRequest, id: UInt32) -> EncodedFeatures {
    switch request.body {
    case .raw(let inputs): return EncodedFeatures(bytes: inputs.encoded, encoding: [])
    case .features(let features, _):
      let body = memory.encode(features, request, encoder)
      guard settings.sendsDifferences else { return body }
      return EncodedFeatures(bytes: body.bytes, encoding: body.encoding.union(.keep))
    }
  }

  /// Opens a connection for the pending request, for half of the time left if another peer could take it.
  mutating func connect(to peer: Int, _ now: Moment) -> [DeviceAction] {
    openingEnd = nil
    if let pending, nextPeer(besides: peer, now) != nil {
      openingEnd = now.adding(milliseconds: now.milliseconds(until: pending.request.deadline) / 2)
    }
    pending?.id = 0
    pending?.isOnOldConnection = false
    pending?.retry = nil
    lastRequest = 0
    nextPing = nil
    pingedAt = nil
    isLeaving = false
    load = .none
    memory.forgetAll()
    link = .connecting(peer: peer)
    return [.connect(peer: peer)]
  }

  /// Drops the connection, if there is one.
  mutating func drop() -> [DeviceAction] {
    guard link != .down else { return [] }
    link = .down
    nextPing = nil
    openingEnd = nil
    return [.close]
  }

  /// Gives the pending request to the first peer that has not failed it and does not rest; without one it has failed.
  mutating func tryNext(or failure: RemoteFailure, _ now: Moment) -> [DeviceAction] {
    guard pending != nil else { return [] }
    guard let peer = nextPeer(now) else { return giveUp(failure, now) }
    return connect(to: peer, now)
  }

  /// Ends the pending request, which no peer is left for, with that failure; where it may, it waits and asks all of them again: ever
  /// longer, up to a limit, and a last time shortly before its deadline.
  private mutating func giveUp(_ failure: RemoteFailure, _ now: Moment) -> [DeviceAction] {
    guard settings.waitsForPeers, failure.isPassing, let pending else { return finish(.failure(failure)) }
    let last = Moment(nanoseconds: pending.request.deadline.nanoseconds - Int64(settings.lastAskMilliseconds) * 1_000_000)
    guard now < last else { return finish(.failure(failure)) }
    let pause = min(max(2 * pending.pause, settings.rest.firstMilliseconds), settings.longestPauseMilliseconds)
    self.pending?.id = 0
    self.pending?.tried = []
    self.pending?.pause = pause
    self.pending?.retry = min(last, now.adding(milliseconds: pause / 2 + jitter.next(through: pause / 2)))
    return []
  }

  /// Whether the pending request may go to that peer.
  private func mayAsk(_ peer: Int, _ now: Moment) -> Bool { pending?.pause ?? 0 > 0 || !health[peer].isResting(now) }

  /// The first peer, other than that one, that has not failed the pending request and does not rest.
  private func nextPeer(besides other: Int? = nil, _ now: Moment) -> Int? {
    health.indices.first { $0 != other && pending?.tried.contains($0) != true && mayAsk($0, now) }
  }

  /// Leaves the connection as it is if no other peer can take the pending request.
  mutating func tryElsewhere(or failure: RemoteFailure, _ now: Moment) -> [DeviceAction] {
    nextPeer(now) != nil ? drop() + tryNext(or: failure, now) : giveUp(failure, now)
  }

  /// The connection, or the attempt at one, has failed: the peer rests, and the pending request goes to another. A connection from before
  /// the request may have been dead for long, and one that ends while it is opened may have been to a peer that stops, behind a proxy: then
  /// the same address is asked once more, but not after a silence, which took its time.
  mutating func fail(_ failure: RemoteFailure, _ now: Moment, isOpen: Bool = true) -> [DeviceAction] {
    guard let peer = link.peer else { return finish(.failure(failure)) }
    let isWorthAnother = pending?.isOnOldConnection == true || isLeaving || (failure == .closed && !isReady)
    var actions = drop()
    if !isOpen { actions = [] }
    if let pending, isWorthAnother, pending.renewals > 0, !failure.isSilence {
      self.pending?.renewals -= 1
      return actions + connect(to: peer, now)
    }
    if failure.isMismatch {
      health[peer].mismatched(now, settings.rest, &jitter)
    } else if !isLeaving {
      health[peer].failed(now, settings.rest, &jitter)
    }
    pending?.tried.insert(peer)
    return actions + tryNext(or: failure, now)
  }

  /// Ends the pending request, if there is one.
  mutating func finish(_ outcome: Result<RemoteAnswer, RemoteFailure>) -> [DeviceAction] {
    guard pending != nil else { return [] }
    pending = nil
    return [.finish(outcome)]
  }

  /// A request past its deadline fails, and its connection goes too, so that no late answer can come.
  mutating func failIfLate(_ now: Moment) -> [DeviceAction]? {
    guard let pending, now >= pending.request.deadline else { return nil }
    if let peer = link.peer { health[peer].failed(now, settings.rest, &jitter) }
    return drop() + finish(.failure(.deadlinePassed))
  }

  /// Milliseconds until the first peer may be asked again.
  private func restMilliseconds(_ now: Moment) -> UInt32 {
    health.compactMap { $0.restsUntil.map { now.milliseconds(until: $0) } }.min() ?? 0
  }
}
