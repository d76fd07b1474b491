import Wire

extension DeviceSession {
  /// Bytes came from the peer.
  package mutating func received(_ bytes: Span<UInt8>, now: Moment) -> [DeviceAction] {
    guard isConnected else { return [] }
    if let late = failIfLate(now) { return late }
    noteLife(now)
    var actions: [DeviceAction] = []
    var offset = 0
    do {
      while isConnected, let event = try decoder.next(bytes, &offset) {
        switch event {
        case .header(let header): actions += admit(header, now)
        case .frame(let frame): actions += try handle(frame, now)
        }
      }
    } catch {
      actions += fail(.damaged(error), now)
    }
    return actions
  }

  private var isConnected: Bool {
    switch link {
    case .down, .connecting: false
    case .greeting, .ready: true
    }
  }

  /// Any byte shows that the peer lives.
  private mutating func noteLife(_ now: Moment) {
    guard let due = nextPing else { return }
    unansweredPings = 0
    nextPing = max(due, now.adding(milliseconds: pingPause))
  }

  /// Refuses a frame that has no place here before its body is read.
  private mutating func admit(_ header: FrameHeader, _ now: Moment) -> [DeviceAction] {
    let fits =
      switch (header.type, link) {
      case (.welcome, .greeting), (.error, .greeting): true
      case (.error, .ready(_, let welcome)):
        header.session == welcome.session && (header.request == 0 || header.request == pending?.id)
      case (.result, .ready(_, let welcome)): header.session == welcome.session && isAwaited(header)
      case (.pong, .ready(_, let welcome)): header.session == welcome.session && header.request <= pings
      case (.goodbye, .ready(_, let welcome)): header.session == welcome.session
      default: false
      }
    return fits ? [] : fail(.unexpected(header.type), now)
  }

  private func isAwaited(_ header: FrameHeader) -> Bool {
    guard let pending, pending.id == header.request else { return false }
    let request = pending.request
    let isRaw = request.split == PlanID.raw
    return header.plan == PlanID(bundle: contract.hash.prefix, split: request.split)
      && (isRaw ? header.sequence <= contract.maximumSequence : header.sequence == request.sequence)
      && Int(exactly: header.bodyLength) == contract.resultBytes(sequence: header.sequence, present: request.present)
  }

  private mutating func handle(_ frame: Frame, _ now: Moment) throws(WireError) -> [DeviceAction] {
    switch frame.header.type {
    case .welcome: return begin(try Welcome(frame), now)
    case .result:
      load = frame.header.load
      let finished = succeed(frame, now)
      return isLeaving ? finished + drop() : finished
    case .error:
      load = frame.header.load
      return handle(try ErrorReply(frame).code, frame.header, now)
    case .goodbye:
      isLeaving = true
      return pending == nil ? drop() : []
    case .pong:
      load = frame.header.load
      guard frame.header.request == pings, let peer = link.peer, let start = pingedAt, now >= start else { return [] }
      pingedAt = nil
      return [measured(peer, since: start, now)]
    case .hello, .request, .ping: return fail(.unexpected(frame.header.type), now)
    }
  }

  private mutating func begin(_ welcome: Welcome, _ now: Moment) -> [DeviceAction] {
    guard case .greeting(let peer) = link else { return [] }
    guard settings.versions.contains(welcome.version) else { return fail(.incompatibleVersion(device: settings.versions), now) }
    guard welcome.bundle == contract.hash else {
      return fail(.incompatibleBundle(device: contract.hash.prefix, peer: welcome.bundle.prefix), now)
    }
    link = .ready(peer: peer, welcome)
    load = welcome.load
    openingEnd = nil
    roundTrip = .max
    nextPing = now.adding(milliseconds: settings.idlePingMilliseconds)
    return [measured(peer, since: greetedAt ?? now, now)] + send(welcome, to: peer, now)
  }

  /// A few bytes, sent then, have come back.
  private mutating func measured(_ peer: Int, since start: Moment, _ now: Moment) -> DeviceAction {
    roundTrip = min(roundTrip, start.milliseconds(until: now))
    return .measured(peer: peer, roundTripNanoseconds: max(0, now.nanoseconds - start.nanoseconds))
  }

  private mutating func succeed(_ frame: Frame, _ now: Moment) -> [DeviceAction] {
    guard let pending, let peer = link.peer else { return [] }
    health[peer].succeeded()
    let milliseconds = pending.sentAt.milliseconds(until: now)
    roundTrip = min(roundTrip, milliseconds - min(milliseconds, frame.header.elapsed / 1_000))
    memory.answered(
      pending.request, id: pending.id, kept: pending.encoding.contains(.keep), remembering: settings.rememberedNames)
    nextPing = now.adding(milliseconds: settings.idlePingMilliseconds)
    let exchange = Exchange(
      peer: peer, encoding: pending.encoding, bytesSent: pending.bytesSent, bytesReceived: frame.encodedSize,
      nanoseconds: max(0, now.nanoseconds - pending.sentAt.nanoseconds), peerMicroseconds: frame.header.elapsed, load: frame.header.load)
    return finish(.success(RemoteAnswer(body: frame.body, sequence: frame.header.sequence, exchange: exchange)))
  }

  private mutating func handle(_ code: UInt16, _ header: FrameHeader, _ now: Moment) -> [DeviceAction] {
    guard let known = PeerErrorCode(rawValue: code) else { return fail(.unknownPeerError(code: code), now) }
    switch known {
    case .unknownFeatures: return sendInFull(header, now)
    case .draining:
      isLeaving = true
      return fail(.peer(.draining), now)
    case .incompatibleVersion: return fail(.incompatibleVersion(device: settings.versions), now)
    case .incompatibleBundle: return fail(.incompatibleBundle(device: contract.hash.prefix, peer: header.plan.bundle), now)
    case .busy, .clientLimit, .internal:
      guard header.request != 0, !isLeaving, let peer = link.peer else { return fail(.peer(known), now) }
      health[peer].isBusy(now, wait: header.wait, settings.rest, &jitter)
      pending?.tried.insert(peer)
      return tryElsewhere(or: .peer(known), now)
    default: return header.request == 0 || isLeaving ? fail(.peer(known), now) : finish(.failure(.peer(known)))
    }
  }

  /// The peer has forgotten the features that the request named or differed from.
  private mutating func sendInFull(_ header: FrameHeader, _ now: Moment) -> [DeviceAction] {
    guard case .ready(let peer, let welcome) = link, header.request != 0, let pending,
      pending.encoding.contains(.named) || pending.encoding.contains(.delta)
    else { return fail(.unexpected(.error), now) }
    memory.forgetAll()
    return send(welcome, to: peer, now)
  }
}
