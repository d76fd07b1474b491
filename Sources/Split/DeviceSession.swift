import Wire

/// The device's side of the conversation with a peer, as a value: events in, actions out. It outlives connections: each request opens one
/// if there is none. At most one request is under way, and it ends exactly once, by its deadline if `tick` is called at `wakeUp`.
package struct DeviceSession: Sendable {
  enum Link: Sendable, Equatable {
    case down
    case connecting
    case greeting
    case ready(Welcome)
  }

  struct Pending: Sendable {
    let request: SplitRequest
    /// The bytes to expect as an answer.
    let resultBytes: Int
    /// The id under which it was sent; 0 until then.
    var id: UInt32 = 0
    /// Connections that may still be opened for it.
    var connects = 2
  }

  let contract: BundleContract
  let settings: DeviceSettings
  var link = Link.down
  var pending: Pending?
  /// The peer said goodbye: this connection takes no more requests.
  var isLeaving = false
  var decoder = FrameDecoder(bodyLimit: 0)
  var lastRequest: UInt32 = 0
  var pings: UInt32 = 0
  var unansweredPings = 0
  var nextPing: Moment?

  package init(contract: BundleContract, settings: DeviceSettings = DeviceSettings()) {
    self.contract = contract
    self.settings = settings
  }

  /// When to call `tick` next; nil while nothing is awaited.
  package var wakeUp: Moment? {
    pending.flatMap { earlier($0.request.deadline, nextPing) }
  }

  /// Starts a request. The one before must have finished.
  package mutating func submit(_ request: SplitRequest, now: Moment) -> [DeviceAction] {
    precondition(pending == nil, "a session runs one request at a time")
    guard let size = contract.featureBytes(split: request.split, sequence: request.sequence),
      request.features.compressed ? request.features.bytes.count <= size : request.features.bytes.count == size
    else { return [.finish(.failure(.unsuitableRequest))] }
    pending = Pending(request: request, resultBytes: contract.splits[Int(request.split)].resultBytes)
    if let late = failIfLate(now) { return late }
    switch link {
    case .down: return connect()
    case .connecting, .greeting: return []
    case .ready(let welcome): return send(welcome, now)
    }
  }

  /// The connection asked for is open.
  package mutating func connected(now: Moment) -> [DeviceAction] {
    guard link == .connecting else { return [] }
    link = .greeting
    decoder = FrameDecoder(bodyLimit: contract.maximumResultBytes)
    return [.send(Hello(versions: settings.versions, bundle: contract.hash).frame.encoded)]
  }

  /// The connection asked for could not be opened: `reason` is `.refused` or `.unreachable`.
  package mutating func connectFailed(_ reason: RemoteFailure, now: Moment) -> [DeviceAction] {
    guard link == .connecting else { return [] }
    link = .down
    return finish(.failure(reason))
  }

  /// The peer or the network ended the connection.
  package mutating func closed(now: Moment) -> [DeviceAction] {
    guard link != .down else { return [] }
    link = .down
    nextPing = nil
    if let late = failIfLate(now) { return late }
    return isLeaving ? reconnect(or: .closed) : finish(.failure(.closed))
  }

  /// Time has passed.
  package mutating func tick(now: Moment) -> [DeviceAction] {
    if let late = failIfLate(now) { return late }
    guard case .ready(let welcome) = link, let due = nextPing, now >= due else { return [] }
    guard unansweredPings < settings.maximumPings else { return abandon(.silent(pings: unansweredPings)) }
    unansweredPings += 1
    pings = pings % .max + 1
    nextPing = now.adding(milliseconds: settings.pingMilliseconds)
    return [.send(Frame(FrameHeader(.ping, session: welcome.session, request: pings)).encoded)]
  }

  /// Says goodbye, if there is a connection, and drops it. A request under way fails with `closed`.
  package mutating func leave() -> [DeviceAction] {
    guard case .ready(let welcome) = link else { return abandon(.closed) }
    return [.send(Frame(FrameHeader(.goodbye, session: welcome.session)).encoded)] + abandon(.closed)
  }
}

extension DeviceSession {
  /// Sends the pending request on an open session.
  mutating func send(_ welcome: Welcome, _ now: Moment) -> [DeviceAction] {
    guard var pending else { return [] }
    let request = pending.request
    guard request.sequence <= welcome.maximumSequence, request.split < welcome.splitCount else {
      return finish(.failure(.unsuitableRequest))
    }
    // Ids rise within a session and a session that ran out of them starts over on a new connection.
    guard lastRequest < .max else { return [.close] + reconnect(or: .closed) }
    lastRequest += 1
    pending.id = lastRequest
    self.pending = pending
    let crossing = UInt64(request.features.bytes.count) * 1_000 / UInt64(max(1, settings.slowestLink))
    unansweredPings = 0
    nextPing = now.adding(milliseconds: settings.pingMilliseconds).adding(milliseconds: UInt32(clamping: crossing))
    let header = FrameHeader(
      .request, session: welcome.session, request: pending.id, plan: PlanID(bundle: contract.hash.prefix, split: request.split),
      sequence: request.sequence, deadline: max(1, now.milliseconds(until: request.deadline)), compressed: request.features.compressed)
    return [.send(Frame(header, body: request.features.bytes).encoded)]
  }

  /// Opens a connection for the pending request.
  mutating func connect() -> [DeviceAction] {
    pending?.connects -= 1
    pending?.id = 0
    lastRequest = 0
    nextPing = nil
    isLeaving = false
    link = .connecting
    return [.connect]
  }

  /// The peer did not take the request: tries another connection once, since nothing has run.
  mutating func reconnect(or failure: RemoteFailure) -> [DeviceAction] {
    link = .down
    guard let pending else { return [] }
    return pending.connects > 0 ? connect() : finish(.failure(failure))
  }

  /// Ends the pending request, if there is one.
  mutating func finish(_ outcome: Result<[UInt8], RemoteFailure>) -> [DeviceAction] {
    guard pending != nil else { return [] }
    pending = nil
    nextPing = nil
    return [.finish(outcome)]
  }

  /// Drops the connection and ends the pending request.
  mutating func abandon(_ failure: RemoteFailure) -> [DeviceAction] {
    guard link != .down else { return finish(.failure(failure)) }
    link = .down
    return [.close] + finish(.failure(failure))
  }

  /// A request past its deadline fails, and its connection goes too, so that no late answer can come.
  mutating func failIfLate(_ now: Moment) -> [DeviceAction]? {
    guard let pending, now >= pending.request.deadline else { return nil }
    return abandon(.deadlinePassed)
  }
}
