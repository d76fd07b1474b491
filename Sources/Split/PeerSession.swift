package import Wire

/// The peer's side of one connection, as a value: events in, actions out. It runs one request at a time and trusts no byte.
package struct PeerSession: Sendable {
  enum Phase: Sendable, Equatable {
    case greeting
    case ready
    case closed
  }

  let contract: BundleContract
  let settings: PeerSettings
  let session: UInt32
  var phase = Phase.greeting
  var decoder: FrameDecoder
  /// The header of the request that is running.
  var running: FrameHeader?
  var lastRequest: UInt32 = 0
  var isDraining = false
  /// When the first byte of the frame under way came.
  var frameStart: Moment
  /// When the frame under way must be whole.
  var frameDeadline: Moment?
  /// When the session ends if nothing happens.
  var restDeadline: Moment

  /// A session for a connection opened `now`; `session` is its number, not 0.
  package init(contract: BundleContract, settings: PeerSettings, session: UInt32, now: Moment) {
    self.contract = contract
    self.settings = settings
    self.session = session
    decoder = FrameDecoder(bodyLimit: contract.maximumFeatureBytes)
    frameStart = now
    restDeadline = now.adding(milliseconds: settings.helloMilliseconds)
  }

  /// When to call `tick` next.
  package var wakeUp: Moment? {
    guard phase != .closed else { return nil }
    return earlier(frameDeadline, running == nil ? restDeadline : nil)
  }

  /// Time has passed.
  package mutating func tick(now: Moment) -> [PeerAction] {
    guard phase != .closed else { return [] }
    if let frameDeadline, now >= frameDeadline { return refuse(.tooSlow) }
    guard running == nil, now >= restDeadline else { return [] }
    guard phase == .ready else { return refuse(.tooSlow) }
    guard isDraining else { return drain(now: now) }
    closed()
    return [.close]
  }

  /// The job that `run` asked for has ended.
  package mutating func finished(request: UInt32, _ outcome: Result<[UInt8], PeerErrorCode>, now: Moment) -> [PeerAction] {
    guard phase != .closed, let running, running.request == request else { return [] }
    self.running = nil
    rest(now)
    switch outcome {
    case .success(let body) where body.count == contract.splits[Int(running.plan.split)].resultBytes:
      let header = FrameHeader(.result, session: session, request: request, plan: running.plan, sequence: running.sequence)
      return [.send(Frame(header, body: body).encoded)]
    case .success: return [reply(.internal, to: request)]
    case .failure(let code): return [reply(code, to: request)]
    }
  }

  /// Takes no more requests. What was accepted is answered; then the device has a moment to leave by itself.
  package mutating func drain(now: Moment) -> [PeerAction] {
    guard phase != .closed, !isDraining else { return [] }
    isDraining = true
    guard phase == .ready else { return refuse(.draining) }
    rest(now)
    return [.send(Frame(FrameHeader(.goodbye, session: session)).encoded)]
  }

  /// The device or the network ended the connection.
  package mutating func closed() {
    phase = .closed
    running = nil
  }
}

extension PeerSession {
  /// Starts the wait for the next request, or for the device to leave.
  mutating func rest(_ now: Moment) {
    restDeadline = now.adding(milliseconds: isDraining ? settings.drainMilliseconds : settings.idleMilliseconds)
  }

  /// An error frame about one request, or about the session (0).
  func reply(_ code: PeerErrorCode, to request: UInt32) -> PeerAction {
    .send(ErrorReply.frame(code, session: session, request: request, bundle: contract.hash.prefix).encoded)
  }

  /// Ends the session with an error.
  mutating func refuse(_ code: PeerErrorCode, request: UInt32 = 0) -> [PeerAction] {
    closed()
    return [reply(code, to: request), .close]
  }
}
