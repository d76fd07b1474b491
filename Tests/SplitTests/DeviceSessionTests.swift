import Split
import Testing
import Wire

private let contract = BundleContract.toy()

/// A device session and the peer session that it is joined to by hand.
private struct Pair {
  var device = DeviceSession(contract: .toy())
  var peer = PeerSession(contract: .toy(), settings: PeerSettings(), session: 5, now: .start)

  /// Both greeted; the device's first request has reached the peer as the job returned.
  mutating func begin(_ request: SplitRequest = .toy()) throws -> PeerJob {
    #expect(device.submit(request, now: .start) == [.connect])
    let hello = sent(device.connected(now: .start))
    let welcome = sent(peer.take(hello, now: .start))
    let body = sent(device.take(welcome, now: .start))
    guard case .run(let job) = try #require(peer.take(body, now: .start).first) else { throw WireError.reserved }
    return job
  }
}

private func sent(_ actions: [DeviceAction]) -> [UInt8] {
  actions.flatMap { if case .send(let bytes) = $0 { bytes } else { [UInt8]() } }
}

private func sent(_ actions: [PeerAction]) -> [UInt8] {
  actions.flatMap { if case .send(let bytes) = $0 { bytes } else { [UInt8]() } }
}

@Test func aRequestIsAnswered() throws {
  var pair = Pair()
  let request = SplitRequest.toy(split: 1, sequence: 3)
  let job = try pair.begin(request)
  #expect(job.split == 1 && job.sequence == 3 && job.features == request.features && job.featureBytes == 21)
  let answer = contract.answer(split: 1, features: job.features.bytes)
  let reply = sent(pair.peer.finished(request: job.request, .success(answer), now: .start))
  #expect(pair.device.take(reply, now: .start) == [.finish(.success(answer))])
  #expect(pair.device.wakeUp == nil)
  #expect(pair.device.take(reply, now: .start) == [.close], "an answer comes at most once")
}

@Test func aSecondRequestUsesTheSameConnection() throws {
  var pair = Pair()
  let job = try pair.begin()
  let reply = sent(pair.peer.finished(request: job.request, .failure(.internal), now: .start))
  #expect(pair.device.take(reply, now: .start) == [.finish(.failure(.peer(.internal)))])
  let next = sent(pair.device.submit(.toy(), now: .start))
  guard case .run(let second) = pair.peer.take(next, now: .start).first else {
    Issue.record("the second request was not run")
    return
  }
  #expect(second.request == job.request + 1)
}

@Test func anotherBundleIsIncompatible() throws {
  var device = DeviceSession(contract: .toy(mark: 1))
  var peer = PeerSession(contract: .toy(mark: 2), settings: PeerSettings(), session: 5, now: .start)
  _ = device.submit(.toy(), now: .start)
  let reply = peer.take(sent(device.connected(now: .start)), now: .start)
  #expect(reply.last == .close)
  let failure = RemoteFailure.incompatibleBundle(
    device: BundleContract.toy(mark: 1).hash.prefix, peer: BundleContract.toy(mark: 2).hash.prefix)
  #expect(device.take(sent(reply), now: .start) == [.close, .finish(.failure(failure))])
  #expect(failure.description.contains("010101010101") && failure.description.contains("020202020202"))
}

@Test(arguments: [1...1, 1...4, 3...9]) func aVersionInCommonIsNeeded(_ offered: ClosedRange<UInt8>) throws {
  var settings = DeviceSettings()
  settings.versions = offered
  var device = DeviceSession(contract: .toy(), settings: settings)
  var newer = PeerSettings()
  newer.versions = 2...2
  var peer = PeerSession(contract: .toy(), settings: newer, session: 5, now: .start)
  _ = device.submit(.toy(), now: .start)
  let reply = sent(peer.take(sent(device.connected(now: .start)), now: .start))
  let actions = device.take(reply, now: .start)
  if offered.contains(2) {
    #expect(!sent(actions).isEmpty)
  } else {
    #expect(actions == [.close, .finish(.failure(.incompatibleVersion(device: offered)))])
  }
}

@Test func theDeadlineEndsARequestInEveryState() throws {
  let late = Moment.start.adding(milliseconds: 2_000)
  var connecting = DeviceSession(contract: contract)
  _ = connecting.submit(.toy(), now: .start)
  var greeting = connecting
  _ = greeting.connected(now: .start)
  var pair = Pair()
  _ = try pair.begin()
  for state in [connecting, greeting, pair.device] {
    var state = state
    #expect(try #require(state.wakeUp) <= late)
    #expect(state.tick(now: late) == [.close, .finish(.failure(.deadlinePassed))])
    #expect(state.wakeUp == nil)
  }
  var before = DeviceSession(contract: contract)
  #expect(before.submit(.toy(milliseconds: 0), now: .start) == [.finish(.failure(.deadlinePassed))])
}

@Test func aSilentPeerIsGivenUpAfterThreePings() throws {
  var pair = Pair()
  _ = try pair.begin(.toy(milliseconds: 60_000))
  for _ in 0..<3 {
    let now = try #require(pair.device.wakeUp)
    #expect(sent(pair.device.tick(now: now)).count == FrameHeader.size)
  }
  let now = try #require(pair.device.wakeUp)
  #expect(pair.device.tick(now: now) == [.close, .finish(.failure(.silent(pings: 3)))])
  #expect(now <= Moment.start.adding(milliseconds: 2_000))
}

@Test func pongsKeepABusyPeerAlive() throws {
  var pair = Pair()
  _ = try pair.begin(.toy(milliseconds: 60_000))
  for _ in 0..<20 {
    let now = try #require(pair.device.wakeUp)
    let pong = sent(pair.peer.take(sent(pair.device.tick(now: now)), now: now))
    #expect(pair.device.take(pong, now: now).isEmpty)
  }
}

@Test func connectionFailuresAreTold() throws {
  for failure in [RemoteFailure.refused, .unreachable] {
    var device = DeviceSession(contract: contract)
    _ = device.submit(.toy(), now: .start)
    #expect(device.connectFailed(failure, now: .start) == [.finish(.failure(failure))])
  }
  var pair = Pair()
  _ = try pair.begin()
  #expect(pair.device.closed(now: .start) == [.finish(.failure(.closed))])
}

@Test func anUnsuitableRequestIsNotSent() {
  var device = DeviceSession(contract: contract)
  let features = EncodedFeatures(bytes: [1, 2, 3], compressed: false)
  for (split, sequence) in [(UInt16(0), UInt16(1)), (2, 1), (0, 0), (0, 33)] {
    let request = SplitRequest(split: split, sequence: sequence, features: features, deadline: .start.adding(milliseconds: 9))
    #expect(device.submit(request, now: .start) == [.finish(.failure(.unsuitableRequest))])
  }
}

@Test func aRequestThatCrossedAGoodbyeGoesElsewhere() throws {
  var pair = Pair()
  let job = try pair.begin()
  let answer = contract.answer(split: 0, features: job.features.bytes)
  let reply = sent(pair.peer.finished(request: job.request, .success(answer), now: .start))
  _ = pair.device.take(reply, now: .start)
  let goodbye = sent(pair.peer.drain(now: .start))
  let crossing = sent(pair.device.submit(.toy(), now: .start))
  #expect(pair.device.take(goodbye, now: .start).isEmpty)
  let refusal = sent(pair.peer.take(crossing, now: .start))
  #expect(pair.device.take(refusal, now: .start) == [.close, .connect])
  #expect(!sent(pair.device.connected(now: .start)).isEmpty)
}

@Test func aDrainingPeerFinishesWhatItAccepted() throws {
  var pair = Pair()
  let job = try pair.begin()
  let goodbye = sent(pair.peer.drain(now: .start))
  #expect(pair.device.take(goodbye, now: .start).isEmpty)
  let answer = contract.answer(split: 0, features: job.features.bytes)
  let reply = sent(pair.peer.finished(request: job.request, .success(answer), now: .start))
  #expect(pair.device.take(reply, now: .start) == [.finish(.success(answer)), .close])
  let due = try #require(pair.peer.wakeUp)
  #expect(pair.peer.tick(now: due) == [.close])
}

/// The connection ends, or falls silent, after each byte of the answer and of the request.
@Test func aCutAtAnyByteIsATypedFailureInTime() throws {
  var whole = Pair()
  let job = try whole.begin()
  let reply = sent(whole.peer.finished(request: job.request, .success(contract.answer(split: 0, features: [1])), now: .start))
  for length in 0..<reply.count {
    var pair = Pair()
    _ = try pair.begin()
    #expect(pair.device.take(reply[..<length], now: .start).isEmpty)
    var silent = pair.device
    #expect(pair.device.closed(now: .start) == [.finish(.failure(.closed))])
    var actions: [DeviceAction] = []
    while let now = silent.wakeUp { actions += silent.tick(now: now) }
    #expect(actions.suffix(2).first == .close && failure(of: actions.last) != nil)
  }
}

/// The failure that an action finishes with.
private func failure(of action: DeviceAction?) -> RemoteFailure? {
  if case .finish(.failure(let failure)) = action { failure } else { nil }
}
