import Wire

extension PeerSession {
  /// Bytes came from the device.
  package mutating func received(_ bytes: Span<UInt8>, now: Moment) -> [PeerAction] {
    var actions = tick(now: now)
    var offset = 0
    do {
      while phase != .closed {
        if !decoder.isInsideFrame, offset < bytes.count { beginFrame(now) }
        guard let event = try decoder.next(bytes, &offset) else { break }
        switch event {
        case .header(let header): actions += admit(header)
        case .frame(let frame): actions += try handle(frame, now)
        }
      }
    } catch {
      actions += refuse(error.isVersionSkew ? .incompatibleVersion : .malformed)
    }
    return actions
  }

  private mutating func beginFrame(_ now: Moment) {
    frameStart = now
    frameDeadline = now.adding(milliseconds: settings.frameMilliseconds)
  }

  /// Refuses a frame that has no place here before its body is read.
  private mutating func admit(_ header: FrameHeader) -> [PeerAction] {
    let crossing = UInt64(header.bodyLength) * 1_000 / UInt64(max(1, settings.slowestLink))
    frameDeadline = frameDeadline?.adding(milliseconds: UInt32(clamping: crossing))
    switch (header.type, phase) {
    case (.hello, .greeting): return []
    case (.request, .ready) where header.session == session && header.request > lastRequest: return admitRequest(header)
    case (.ping, .ready) where header.session == session: return []
    case (.goodbye, .ready) where header.session == session: return []
    default: return refuse(.malformed)
    }
  }

  private mutating func admitRequest(_ header: FrameHeader) -> [PeerAction] {
    let plan = header.plan
    guard plan.bundle == contract.hash.prefix, Int(plan.split) < contract.splits.count else {
      return refuse(.unknownPlan, request: header.request)
    }
    guard let size = contract.featureBytes(split: plan.split, sequence: header.sequence) else {
      return refuse(.sequenceTooLong, request: header.request)
    }
    guard let length = Int(exactly: header.bodyLength), header.compressed ? length <= size : length == size else {
      return refuse(.bodySize, request: header.request)
    }
    return []
  }

  private mutating func handle(_ frame: Frame, _ now: Moment) throws(WireError) -> [PeerAction] {
    frameDeadline = nil
    switch frame.header.type {
    case .hello: return greet(try Hello(frame), now)
    case .request: return accept(frame, now)
    case .ping: return [.send(Frame(FrameHeader(.pong, session: session, request: frame.header.request)).encoded)]
    case .goodbye:
      closed()
      return [.close]
    case .welcome, .result, .error, .pong: return refuse(.malformed)
    }
  }

  private mutating func greet(_ hello: Hello, _ now: Moment) -> [PeerAction] {
    guard hello.versions.overlaps(settings.versions) else { return refuse(.incompatibleVersion) }
    guard hello.bundle == contract.hash else { return refuse(.incompatibleBundle) }
    phase = .ready
    rest(now)
    let welcome = Welcome(
      session: session, version: min(hello.versions.upperBound, settings.versions.upperBound),
      splitCount: UInt16(clamping: contract.splits.count), maximumSequence: contract.maximumSequence, bundle: contract.hash)
    return [.send(welcome.frame.encoded)]
  }

  private mutating func accept(_ frame: Frame, _ now: Moment) -> [PeerAction] {
    let header = frame.header
    lastRequest = header.request
    guard !isDraining else { return [reply(.draining, to: header.request)] }
    guard running == nil else { return [reply(.busy, to: header.request)] }
    guard let size = contract.featureBytes(split: header.plan.split, sequence: header.sequence) else { return refuse(.internal) }
    let deadline = frameStart.adding(milliseconds: header.deadline)
    guard now < deadline else {
      rest(now)
      return [reply(.deadlinePassed, to: header.request)]
    }
    running = header
    let features = EncodedFeatures(bytes: frame.body, compressed: header.compressed)
    return [
      .run(
        PeerJob(
          request: header.request, split: header.plan.split, sequence: header.sequence, features: features, featureBytes: size,
          deadline: deadline))
    ]
  }
}
