import Wire

extension DeviceSession {
  /// Bytes came from the peer.
  package mutating func received(_ bytes: Span<UInt8>, now: Moment) -> [DeviceAction] {
    guard link != .down, link != .connecting else { return [] }
    if let late = failIfLate(now) { return late }
    noteLife(now)
    var actions: [DeviceAction] = []
    var offset = 0
    do {
      while isConnected, let event = try decoder.next(bytes, &offset) {
        switch event {
        case .header(let header): actions += admit(header)
        case .frame(let frame): actions += try handle(frame, now)
        }
      }
    } catch {
      actions += abandon(.damaged(error))
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
    nextPing = max(due, now.adding(milliseconds: settings.pingMilliseconds))
  }

  /// Refuses a frame that has no place here before its body is read.
  private mutating func admit(_ header: FrameHeader) -> [DeviceAction] {
    let fits =
      switch (header.type, link) {
      case (.welcome, .greeting), (.error, .greeting): true
      case (.error, .ready(let welcome)): header.session == welcome.session && (header.request == 0 || header.request == pending?.id)
      case (.result, .ready(let welcome)): header.session == welcome.session && isAwaited(header)
      case (.pong, .ready(let welcome)): header.session == welcome.session && header.request <= pings
      case (.goodbye, .ready(let welcome)): header.session == welcome.session
      default: false
      }
    return fits ? [] : abandon(.unexpected(header.type))
  }

  private func isAwaited(_ header: FrameHeader) -> Bool {
    guard let pending, pending.id == header.request else { return false }
    return header.plan == PlanID(bundle: contract.hash.prefix, split: pending.request.split)
      && header.sequence == pending.request.sequence && Int(exactly: header.bodyLength) == pending.resultBytes
  }

  private mutating func handle(_ frame: Frame, _ now: Moment) throws(WireError) -> [DeviceAction] {
    switch frame.header.type {
    case .welcome: return begin(try Welcome(frame), now)
    case .result:
      let finished = finish(.success(frame.body))
      return isLeaving ? finished + abandon(.closed) : finished
    case .error: return fail(try ErrorReply(frame).code, frame.header)
    case .goodbye:
      isLeaving = true
      return pending == nil ? abandon(.closed) : []
    case .pong: return []
    case .hello, .request, .ping: return abandon(.unexpected(frame.header.type))
    }
  }

  private mutating func begin(_ welcome: Welcome, _ now: Moment) -> [DeviceAction] {
    guard settings.versions.contains(welcome.version) else { return abandon(.incompatibleVersion(device: settings.versions)) }
    guard welcome.bundle == contract.hash else {
      return abandon(.incompatibleBundle(device: contract.hash.prefix, peer: welcome.bundle.prefix))
    }
    link = .ready(welcome)
    return send(welcome, now)
  }

  private mutating func fail(_ code: UInt16, _ header: FrameHeader) -> [DeviceAction] {
    guard let known = PeerErrorCode(rawValue: code) else { return abandon(.unknownPeerError(code: code)) }
    switch known {
    case .draining: return [.close] + reconnect(or: .peer(.draining))
    case .incompatibleVersion: return abandon(.incompatibleVersion(device: settings.versions))
    case .incompatibleBundle:
      return abandon(.incompatibleBundle(device: contract.hash.prefix, peer: header.plan.bundle))
    default: return header.request == 0 || isLeaving ? abandon(.peer(known)) : finish(.failure(.peer(known)))
    }
  }
}
