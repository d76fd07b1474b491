package import Wire

/// The peer's side of one connection, as a value: events in, actions out. It runs as many requests at once as it grants, and trusts no
/// byte.
package struct PeerSession: Sendable {
  enum Phase: Sendable, Equatable {
    case greeting
    case ready(BundleContract)
    case closed
  }

  /// A request that runs.
  struct Running: Sendable {
    let header: FrameHeader
    let since: Moment
  }

  /// Features of an answered request, from which those of the next may differ.
  struct Kept: Sendable {
    let header: FrameHeader
    let features: [UInt8]
    let until: Moment
  }

  /// The bundles on offer.
  let catalog: [BundleContract]
  let settings: PeerSettings
  let session: UInt32
  var phase = Phase.greeting
  var decoder = FrameDecoder(bodyLimit: 0)
  var running: [UInt32: Running] = [:]
  var kept: Kept?
  var lastRequest: UInt32 = 0
  var isDraining = false
  /// When the first byte of the frame under way came.
  var frameStart: Moment
  /// When the frame under way must be whole.
  var frameDeadline: Moment?
  /// When the session ends if nothing happens.
  var restDeadline: Moment

  /// Milliseconds that a request would wait now; told to the device. Nil while the peer takes none.
  package var wait: UInt16? = 0

  /// The errors told to the device since they were last taken.
  private var told: [PeerErrorCode] = []

  /// A session for a connection opened `now`; `session` is its number, not 0. The device chooses one of the bundles.
  package init(catalog: [BundleContract], settings: PeerSettings, session: UInt32, now: Moment) {
    self.catalog = catalog
    self.settings = settings
    self.session = session
    frameStart = now
    restDeadline = now.adding(milliseconds: settings.helloMilliseconds)
  }

  /// The bundle that the device has chosen.
  package var contract: BundleContract? {
    if case .ready(let contract) = phase { contract } else { nil }
  }

  /// When to call `tick` next.
  package var wakeUp: Moment? {
    guard phase != .closed else { return nil }
    return earlier(earlier(frameDeadline, kept?.until), running.isEmpty ? restDeadline : nil)
  }

  /// Time has passed.
  package mutating func tick(now: Moment) -> [PeerAction] {
    guard phase != .closed else { return [] }
    if let kept, now >= kept.until { self.kept = nil }
    if let frameDeadline, now >= frameDeadline { return refuse(.tooSlow) }
    guard running.isEmpty, now >= restDeadline else { return [] }
    guard phase != .greeting else { return refuse(.tooSlow) }
    guard isDraining else { return drain(now: now) }
    closed()
    return [.close]
  }

  /// The job that `run` asked for has ended.
  package mutating func finished(request: UInt32, _ outcome: Result<PeerResult, PeerErrorCode>, now: Moment) -> [PeerAction] {
    guard let contract, let done = running.removeValue(forKey: request) else { return [] }
    rest(now)
    switch outcome {
    case .success(let result):
      guard result.body.count == contract.resultBytes(sequence: result.sequence, present: done.header.present) else {
        return [reply(.internal, to: request)]
      }
      if done.header.encoding.contains(.keep) {
        kept = Kept(header: done.header, features: result.features, until: now.adding(milliseconds: settings.keepMilliseconds))
      }
      return [.send(frame(result, for: done, now).encoded)]
    case .failure(let code): return [reply(code, to: request)]
    }
  }

  private func frame(_ result: PeerResult, for done: Running, _ now: Moment) -> Frame {
    var header = FrameHeader(.result, session: session, request: done.header.request, plan: done.header.plan)
    header.sequence = result.sequence
    header.elapsed = UInt32(clamping: (now.nanoseconds - done.since.nanoseconds) / 1_000)
    header.load = load
    return Frame(header, body: result.body)
  }

  /// Takes no more requests. What was accepted is answered; then the device has a moment to leave by itself.
  package mutating func drain(now: Moment) -> [PeerAction] {
    guard phase != .closed, !isDraining else { return [] }
    isDraining = true
    guard phase != .greeting else { return refuse(.draining) }
    rest(now)
    return [.send(Frame(FrameHeader(.goodbye, session: session)).encoded)]
  }

  /// The errors told to the device since the last call.
  package mutating func takeTold() -> [PeerErrorCode] {
    defer { told = [] }
    return told
  }

  /// The device or the network ended the connection.
  package mutating func closed() {
    phase = .closed
    running = [:]
    kept = nil
  }
}

extension PeerSession {
  /// Starts the wait for the next request, or for the device to leave.
  mutating func rest(_ now: Moment) {
    restDeadline = now.adding(milliseconds: isDraining ? settings.drainMilliseconds : settings.idleMilliseconds)
  }

  var load: PeerLoad {
    guard let wait, !isDraining else { return .none }
    return PeerLoad(credits: UInt8(clamping: Int(settings.credits) - running.count), wait: wait)
  }

  /// An error frame about one request, or about the session (0).
  mutating func reply(_ code: PeerErrorCode, to request: UInt32) -> PeerAction {
    told.append(code)
    let bundle = (contract ?? catalog.first)?.hash.prefix ?? .none
    return .send(ErrorReply.frame(code, session: session, request: request, bundle: bundle, load: load).encoded)
  }

  /// Ends the session with an error.
  mutating func refuse(_ code: PeerErrorCode, request: UInt32 = 0) -> [PeerAction] {
    let last = reply(code, to: request)
    closed()
    return [last, .close]
  }
}
