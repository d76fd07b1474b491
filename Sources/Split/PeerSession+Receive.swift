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
    case (.request, .ready(let contract)) where header.session == session && header.request > lastRequest:
      return refusal(of: header, contract).map { refuse($0, request: header.request) } ?? []
    case (.ping, .ready) where header.session == session: return []
    case (.goodbye, .ready) where header.session == session: return []
    default: return refuse(.malformed)
    }
  }

  /// Why a request does not fit the bundle.
  private func refusal(of header: FrameHeader, _ contract: BundleContract) -> PeerErrorCode? {
    let plan = header.plan
    guard plan.bundle == contract.hash.prefix, Int(plan.split) < contract.splits.count || plan.split == PlanID.raw else {
      return .unknownPlan
    }
    guard header.sequence <= contract.maximumSequence else { return .sequenceTooLong }
    guard header.present & ~contract.inputs == 0, let length = Int(exactly: header.bodyLength) else { return .unsuitableInput }
    if plan.split == PlanID.raw {
      return header.encoding == [] && length <= Int(settings.rawKibibytes) << 10 ? nil : .bodySize
    }
    guard let size = contract.featureBytes(split: plan.split, sequence: header.sequence, present: header.present) else {
      return .unsuitableInput
    }
    let largest = EncodedFeatures.largestBody(header.encoding, features: size)
    return (EncodedFeatures.isExact(header.encoding) ? length == largest : length <= largest) ? nil : .bodySize
  }

  private mutating func handle(_ frame: Frame, _ now: Moment) throws(WireError) -> [PeerAction] {
    frameDeadline = nil
    switch frame.header.type {
    case .hello: return greet(try Hello(frame), now)
    case .request: return accept(frame, now)
    case .ping:
      var header = FrameHeader(.pong, session: session, request: frame.header.request)
      header.load = load
      return [.send(Frame(header).encoded)]
    case .goodbye:
      closed()
      return [.close]
    case .welcome, .result, .error, .pong: return refuse(.malformed)
    }
  }

  private mutating func greet(_ hello: Hello, _ now: Moment) -> [PeerAction] {
    guard hello.versions.overlaps(settings.versions) else { return refuse(.incompatibleVersion) }
    guard let contract = catalog.first(where: { $0.hash == hello.bundle }) else { return refuse(.incompatibleBundle) }
    phase = .ready(contract)
    decoder.bodyLimit = max(contract.maximumFeatureBytes + EncodedFeatures.deltaPrefix, Int(settings.rawKibibytes) << 10, FeatureName.size)
    rest(now)
    let welcome = Welcome(
      session: session, version: min(hello.versions.upperBound, settings.versions.upperBound),
      splitCount: UInt16(clamping: contract.splits.count), maximumSequence: contract.maximumSequence,
      rawKibibytes: settings.rawKibibytes, bundle: contract.hash, load: load)
    return [.send(welcome.frame.encoded)]
  }

  private mutating func accept(_ frame: Frame, _ now: Moment) -> [PeerAction] {
    let header = frame.header
    lastRequest = header.request
    guard let contract else { return refuse(.internal) }
    guard !isDraining else { return [reply(.draining, to: header.request)] }
    guard load.credits > 0 else { return [reply(.busy, to: header.request)] }
    let deadline = frameStart.adding(milliseconds: header.deadline)
    guard now < deadline else {
      rest(now)
      return [reply(.deadlinePassed, to: header.request)]
    }
    let features = EncodedFeatures(bytes: frame.body, encoding: header.encoding.form)
    let isDelta = header.encoding.contains(.delta)
    guard !isDelta || isKept(features.base, header) else { return [reply(.unknownFeatures, to: header.request)] }
    running[header.request] = Running(header: header, since: now)
    return [
      .run(
        PeerJob(
          request: header.request, bundle: contract.hash, split: header.plan.split, sequence: header.sequence, present: header.present,
          features: features,
          featureBytes: contract.featureBytes(split: header.plan.split, sequence: header.sequence, present: header.present) ?? 0,
          base: isDelta ? kept?.features : nil, deadline: deadline))
    ]
  }

  /// Whether those are the features that the session keeps, of a request like this one.
  private func isKept(_ base: UInt32?, _ header: FrameHeader) -> Bool {
    guard let kept, let base else { return false }
    return kept.header.request == base && kept.header.plan == header.plan && kept.header.sequence == header.sequence
      && kept.header.present == header.present
  }
}
