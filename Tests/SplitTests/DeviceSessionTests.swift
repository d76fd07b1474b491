import Split
import TestSupport
import Testing
import Wire

private let contract = BundleContract.toy()

/// A device session and the peer session that it is joined to by hand.
private struct Pair {
  var device = DeviceSession(contract: .toy())
  var peer = PeerSession(catalog: [.toy(mark: 9), .toy()], settings: PeerSettings(), session: 5, now: .start)

  /// Both greeted; the device's first request has reached the peer as the job returned.
  mutating func begin(_ request: SplitRequest = .toy()) throws -> PeerJob {
    #expect(device.submit(request, now: .start) == [.connect(peer: 0)])
    return try join(at: .start)
  }

  /// Greets over a connection that the device asked for; what it sends next has reached the peer as the job returned.
  mutating func join(at now: Moment) throws -> PeerJob {
    let hello = sent(device.connected(now: now))
    let welcome = sent(peer.take(hello, now: now))
    return try job(of: device.take(welcome, now: now), at: now)
  }

  /// The job that the peer makes of what the device sent.
  mutating func job(of actions: [DeviceAction], at now: Moment = .start) throws -> PeerJob {
    guard case .run(let job) = try #require(peer.take(sent(actions), now: now).first) else { throw WireError.headerChecksum }
    return job
  }

  /// The peer's reply to a job, as it reaches the device.
  mutating func answer(_ job: PeerJob, features: [UInt8], at now: Moment = .start) -> [DeviceAction] {
    let body = contract.answer(split: job.split, features: features)
    return device.take(sent(peer.finished(request: job.request, .success(.toy(body, job, features)), now: now)), now: now)
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
  #expect(job.split == 1 && job.sequence == 3 && request.body == .features(job.features.bytes, split: 1) && job.featureBytes == 21)
  let later = Moment.start.adding(milliseconds: 20)
  let answer = contract.answer(split: 1, features: job.features.bytes)
  let reply = sent(pair.peer.finished(request: job.request, .success(.toy(answer, job, job.features.bytes)), now: later))
  let actions = pair.device.take(reply, now: later)
  let end = try #require(success(of: actions.first))
  #expect(actions.count == 1 && end.body == answer && end.sequence == 3 && end.exchange.peer == 0)
  #expect(end.exchange.nanoseconds == 20_000_000 && end.exchange.peerMicroseconds == 20_000)
  #expect(end.exchange.bytesSent == FrameHeader.size + 21 + 4 && end.exchange.bytesReceived == reply.count)
  #expect(end.exchange.load == PeerLoad(credits: 4, wait: 0))
  #expect(pair.device.take(reply, now: later) == [.close], "an answer comes at most once")
}

@Test func aSecondRequestUsesTheSameConnection() throws {
  var pair = Pair()
  let job = try pair.begin()
  let reply = sent(pair.peer.finished(request: job.request, .failure(.internal), now: .start))
  #expect(pair.device.take(reply, now: .start) == [.finish(.failure(.peer(.internal)))])
  let next = Moment.start.adding(milliseconds: 200)
  let second = try pair.job(of: pair.device.submit(.toy(now: next), now: next), at: next)
  #expect(second.request == job.request + 1)
}

@Test func anotherBundleIsIncompatible() throws {
  var device = DeviceSession(contract: .toy(mark: 1))
  var peer = PeerSession(catalog: [.toy(mark: 2)], settings: PeerSettings(), session: 5, now: .start)
  _ = device.submit(.toy(), now: .start)
  let reply = peer.take(sent(device.connected(now: .start)), now: .start)
  #expect(reply.last == .close)
  let failure = RemoteFailure.incompatibleBundle(
    device: BundleContract.toy(mark: 1).hash.prefix, peer: BundleContract.toy(mark: 2).hash.prefix)
  #expect(device.take(sent(reply), now: .start) == [.close, .finish(.failure(failure))])
  #expect(failure.description.contains("010101010101") && failure.description.contains("020202020202"))
}

@Test(arguments: [2...2, 2...4, 4...9]) func aVersionInCommonIsNeeded(_ offered: ClosedRange<UInt8>) throws {
  var settings = DeviceSettings()
  settings.versions = offered
  var device = DeviceSession(contract: .toy(), settings: settings)
  var newer = PeerSettings()
  newer.versions = 3...3
  var peer = PeerSession(catalog: [.toy()], settings: newer, session: 5, now: .start)
  _ = device.submit(.toy(), now: .start)
  let reply = sent(peer.take(sent(device.connected(now: .start)), now: .start))
  let actions = device.take(reply, now: .start)
  if offered.contains(3) {
    #expect(!sent(actions).isEmpty)
  } else {
    #expect(actions == [.close, .finish(.failure(.incompatibleVersion(device: offered)))])
  }
}

@Test func theDeadlineEndsARequestInEveryState() throws {
  let late = Moment.start.adding(milliseconds: 2_000)
  var settings = DeviceSettings()
  settings.rest.firstMilliseconds = 30_000
  var connecting = DeviceSession(contract: contract, settings: settings)
  _ = connecting.submit(.toy(), now: .start)
  var greeting = connecting
  _ = greeting.connected(now: .start)
  var pair = Pair(device: DeviceSession(contract: contract, settings: settings))
  _ = try pair.begin()
  for state in [connecting, greeting, pair.device] {
    var state = state
    #expect(try #require(state.wakeUp) <= late)
    #expect(state.tick(now: late) == [.close, .finish(.failure(.deadlinePassed))])
    #expect(state.wakeUp == nil)
    guard case .finish(.failure(.resting)) = state.submit(.toy(now: late), now: late).first else {
      Issue.record("a peer that let the deadline pass is left alone for a while")
      return
    }
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

@Test func aPeerThatFallsSilentIsNotAskedAgain() throws {
  var pair = Pair(device: DeviceSession(contract: contract, peers: 2))
  let job = try pair.begin()
  _ = pair.answer(job, features: job.features.bytes)
  _ = pair.device.submit(.toy(milliseconds: 60_000), now: .start)
  var actions: [DeviceAction] = []
  while actions.isEmpty || !sent(actions).isEmpty { actions = pair.device.tick(now: try #require(pair.device.wakeUp)) }
  #expect(actions == [.close, .connect(peer: 1)], "the connection is from before the request, but three pings are enough")
}

@Test(arguments: [10, 450, 2_000, 4_000] as [UInt32]) func aLongWayIsNoSilence(milliseconds: UInt32) throws {
  var pair = Pair()
  #expect(pair.device.submit(.toy(milliseconds: 60_000), now: .start) == [.connect(peer: 0)])
  let welcome = sent(pair.peer.take(sent(pair.device.connected(now: .start)), now: .start))
  let greeted = Moment.start.adding(milliseconds: milliseconds)
  let job = try pair.job(of: pair.device.take(welcome, now: greeted), at: greeted)
  let there = greeted.adding(milliseconds: milliseconds)
  #expect(try #require(pair.device.wakeUp) >= there)
  let answer = PeerResult.toy(contract.answer(split: 0, features: job.features.bytes), job, job.features.bytes)
  let reply = sent(pair.peer.finished(request: job.request, .success(answer), now: greeted))
  #expect(success(of: pair.device.take(reply, now: there).first) != nil)
  _ = pair.device.submit(.toy(now: there, milliseconds: 60_000), now: there)
  // Nothing comes back any more: the last ping has a whole round trip for its pong.
  var silence: [Moment] = []
  while pair.device.isReady {
    silence.append(try #require(pair.device.wakeUp))
    _ = pair.device.tick(now: silence[silence.count - 1])
  }
  #expect(silence.count == 4 && there.milliseconds(until: silence[3]) >= 4 * milliseconds)
}

@Test func aPeerThatDoesNotOpenLeavesTimeForTheNext() throws {
  for isGreeting in [false, true] {
    var device = DeviceSession(contract: contract, peers: 2)
    #expect(device.submit(.toy(milliseconds: 2_000), now: .start) == [.connect(peer: 0)])
    if isGreeting { #expect(!sent(device.connected(now: .start)).isEmpty) }
    let half = Moment.start.adding(milliseconds: 1_000)
    #expect(device.wakeUp == half)
    #expect(device.tick(now: half) == [.close, .connect(peer: 1)])
    #expect(device.wakeUp == Moment.start.adding(milliseconds: 2_000), "the last one has all that is left")
    var second = Pair(device: device)
    let job = try second.join(at: half)
    let end = success(of: second.answer(job, features: job.features.bytes, at: half).first)
    #expect(end?.exchange.peer == 1)
  }
}

@Test func pongsKeepABusyPeerAlive() throws {
  var pair = Pair()
  _ = try pair.begin(.toy(milliseconds: 60_000))
  for _ in 0..<20 {
    let now = try #require(pair.device.wakeUp)
    let pong = sent(pair.peer.take(sent(pair.device.tick(now: now)), now: now))
    #expect(pair.device.take(pong, now: now) == [.measured(peer: 0, roundTripNanoseconds: 0)])
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
  let late = Moment.start.adding(milliseconds: 9)
  for (split, sequence, present): (UInt16, UInt16, UInt16) in [(0, 1, 1), (2, 1, 1), (0, 0, 1), (0, 33, 1), (0, 1, 2)] {
    let request = SplitRequest(.features([1, 2, 3], split: split), sequence: sequence, present: present, deadline: late)
    #expect(device.submit(request, now: .start) == [.finish(.failure(.unsuitableRequest))])
  }
}

@Test func aRequestThatCrossedAGoodbyeGoesElsewhere() throws {
  var pair = Pair()
  let job = try pair.begin()
  _ = pair.answer(job, features: job.features.bytes)
  let goodbye = sent(pair.peer.drain(now: .start))
  let crossing = sent(pair.device.submit(.toy(), now: .start))
  #expect(pair.device.take(goodbye, now: .start).isEmpty)
  let refusal = sent(pair.peer.take(crossing, now: .start))
  #expect(pair.device.take(refusal, now: .start) == [.close, .connect(peer: 0)])
  #expect(!sent(pair.device.connected(now: .start)).isEmpty)
}

@Test func aDrainingPeerFinishesWhatItAccepted() throws {
  var pair = Pair()
  let job = try pair.begin()
  let goodbye = sent(pair.peer.drain(now: .start))
  #expect(pair.device.take(goodbye, now: .start).isEmpty)
  let actions = pair.answer(job, features: job.features.bytes)
  #expect(actions.count == 2 && success(of: actions.first) != nil && actions.last == .close)
  let due = try #require(pair.peer.wakeUp)
  #expect(pair.peer.tick(now: due) == [.close])
}

/// The connection ends, or falls silent, after each byte of the answer and of the request.
@Test func aCutAtAnyByteIsATypedFailureInTime() throws {
  var whole = Pair()
  let job = try whole.begin()
  let body = contract.answer(split: 0, features: [1])
  let reply = sent(whole.peer.finished(request: job.request, .success(.toy(body, job, [1])), now: .start))
  for length in 0..<reply.count {
    var pair = Pair()
    _ = try pair.begin()
    #expect(pair.device.take(reply[..<length], now: .start).isEmpty)
    var silent = pair.device
    #expect(pair.device.closed(now: .start) == [.finish(.failure(.closed))])
    var actions: [DeviceAction] = []
    while failure(of: actions.last) == nil, let now = silent.wakeUp { actions += silent.tick(now: now) }
    #expect(actions.suffix(2).first == .close && failure(of: actions.last) != nil)
  }
}

/// The failure that an action finishes with.
private func failure(of action: DeviceAction?) -> RemoteFailure? {
  if case .finish(.failure(let failure)) = action { failure } else { nil }
}

/// The answer that an action finishes with.
private func success(of action: DeviceAction?) -> RemoteAnswer? {
  if case .finish(.success(let answer)) = action { answer } else { nil }
}

@Test func theNextPeerTakesOverWithTheSameFeatures() throws {
  var device = DeviceSession(contract: contract, peers: 3)
  let request = SplitRequest.toy()
  #expect(device.submit(request, now: .start) == [.connect(peer: 0)])
  #expect(device.connectFailed(.refused, now: .start) == [.connect(peer: 1)])
  var second = Pair(device: device)
  let lost = try second.join(at: .start)
  #expect(second.device.closed(now: .start) == [.connect(peer: 2)])
  var third = Pair(device: second.device)
  let job = try third.join(at: .start)
  #expect(job.features == lost.features)
  let end = success(of: third.answer(job, features: job.features.bytes).first)
  #expect(end?.exchange.peer == 2)
  #expect(third.device.submit(.toy(), now: .start).count == 1, "what works is kept")
}

@Test func allPeersFailingIsTheLastOnesFailure() {
  var device = DeviceSession(contract: contract, peers: 2)
  _ = device.submit(.toy(), now: .start)
  #expect(device.connectFailed(.refused, now: .start) == [.connect(peer: 1)])
  #expect(device.connectFailed(.unreachable, now: .start) == [.finish(.failure(.unreachable))])
}

@Test func aConnectionThatDiedUnnoticedIsRenewedOnce() throws {
  var pair = Pair()
  let job = try pair.begin()
  _ = pair.answer(job, features: job.features.bytes)
  _ = pair.device.submit(.toy(), now: .start)
  #expect(pair.device.closed(now: .start) == [.connect(peer: 0)])
  #expect(pair.device.closed(now: .start) == [.finish(.failure(.closed))])
}

/// A proxy may have passed it on to a peer that stops.
@Test func aConnectionThatEndsWhileItIsOpenedIsRenewedOnce() throws {
  for isGreeting in [false, true] {
    var device = DeviceSession(contract: contract)
    _ = device.submit(.toy(), now: .start)
    if isGreeting { _ = device.connected(now: .start) }
    let actions = isGreeting ? device.closed(now: .start) : device.connectFailed(.closed, now: .start)
    #expect(actions == [.connect(peer: 0)])
    _ = device.connected(now: .start)
    #expect(device.closed(now: .start) == [.finish(.failure(.closed))])
  }
}

@Test func pausesGrowAndEndWithASuccess() {
  var device = DeviceSession(contract: contract, seed: 7)
  var now = Moment.start
  var pauses: [UInt32] = []
  for _ in 0..<12 {
    #expect(device.submit(.toy(now: now), now: now) == [.connect(peer: 0)])
    _ = device.connectFailed(.refused, now: now)
    guard case .finish(.failure(.resting(let pause))) = device.submit(.toy(now: now), now: now).first else { continue }
    pauses.append(pause)
    now = now.adding(milliseconds: pause + 1)
  }
  #expect(pauses.prefix(2).allSatisfy { $0 <= 200 } && pauses.dropFirst(2).allSatisfy { $0 >= 1_000 - 1 })
  #expect(pauses.allSatisfy { $0 <= 31_000 } && (pauses.max() ?? 0) > 3_000)
}

@Test func pausesDifferBetweenDevices() {
  let pauses = Set<UInt32>(
    (0..<UInt64(50)).map { seed in
      var device = DeviceSession(contract: contract, seed: seed)
      for _ in 0..<3 {
        for milliseconds: UInt32 in [0, 1_000_000] {
          let now = Moment.start.adding(milliseconds: milliseconds)
          _ = device.submit(.toy(now: now), now: now)
          _ = device.connectFailed(.refused, now: now)
        }
      }
      let now = Moment.start.adding(milliseconds: 1_000_000)
      guard case .finish(.failure(.resting(let pause))) = device.submit(.toy(now: now), now: now).first else { return 0 }
      return pause
    })
  #expect(pauses.count > 40)
}

@Test func aPeerWithoutRoomIsLeftAloneForNow() throws {
  var pair = Pair()
  let job = try pair.begin()
  pair.peer.wait = nil
  let end = success(of: pair.answer(job, features: job.features.bytes).first)
  #expect(end?.exchange.load == PeerLoad.none)
  #expect(pair.device.submit(.toy(), now: .start) == [.finish(.failure(.peer(.busy)))])
}

@Test func featuresThatThePeerHasSeenAreNamed() throws {
  var pair = Pair()
  let request = SplitRequest.toy(sequence: 20)
  let job = try pair.begin(request)
  guard case .features(let features, _) = request.body else { return }
  _ = pair.answer(job, features: features)
  let named = try pair.job(of: pair.device.submit(request, now: .start))
  #expect(named.features == EncodedFeatures(named: FeatureName(of: features)))
  // The peer has forgotten them: they are sent again, and the request is the same to the caller.
  let retry = pair.device.take(sent(pair.peer.finished(request: named.request, .failure(.unknownFeatures), now: .start)), now: .start)
  let whole = try pair.job(of: retry)
  #expect(whole.features == FeatureEncoder().encode(features))
  #expect(success(of: pair.answer(whole, features: features).first) != nil)
}

@Test func aStreamSendsDifferences() throws {
  var settings = DeviceSettings()
  settings.sendsDifferences = true
  var pair = Pair(device: DeviceSession(contract: contract, settings: settings))
  var random = SeededGenerator(seed: 4)
  var features = (0..<(contract.featureBytes(split: 0, sequence: 32) ?? 0)).map { _ in UInt8.random(in: 0...255, using: &random) }
  func request(_ features: [UInt8], at now: Moment = .start) -> SplitRequest {
    SplitRequest(.features(features, split: 0), sequence: 32, present: 1, deadline: now.adding(milliseconds: 2_000))
  }
  let first = try pair.begin(request(features))
  _ = pair.answer(first, features: features)
  features[17] &+= 1
  let second = try pair.job(of: pair.device.submit(request(features), now: .start))
  #expect(second.features.encoding == [.zstd, .delta] && second.features.bytes.count < 60)
  #expect(try FeatureDecoder().decode(second.features, expected: features.count, base: second.base) == features)
  _ = pair.answer(second, features: features)
  // After a pause the peer has let go of them.
  let later = Moment.start.adding(milliseconds: 5_000)
  features[18] &+= 1
  let crossing = sent(pair.device.submit(request(features, at: later), now: later))
  let whole = try pair.job(of: pair.device.take(sent(pair.peer.take(crossing, now: later)), now: later), at: later)
  #expect(whole.features == EncodedFeatures(bytes: features, encoding: []))
}

@Test func rawInputsAreSentAsTheyCame() throws {
  var pair = Pair()
  let inputs = RawInputs([.init(kind: .text, bytes: Array("a cat".utf8))])
  let request = SplitRequest(.raw(inputs), present: 1, deadline: .start.adding(milliseconds: 900))
  let job = try pair.begin(request)
  #expect(job.split == PlanID.raw && job.featureBytes == 0)
  #expect(try RawInputs(decoding: job.features.bytes) == inputs)
  let body = contract.answer(split: 0, features: [1])
  let result = PeerResult(body: body, sequence: 3, features: [])
  let reply = pair.device.take(sent(pair.peer.finished(request: job.request, .success(result), now: .start)), now: .start)
  #expect(success(of: reply.first)?.sequence == 3)
  let huge = RawInputs([.init(kind: .image, bytes: Array(repeating: 1, count: 5 << 20))])
  let tooLarge = SplitRequest(.raw(huge), present: 1, deadline: .start.adding(milliseconds: 900))
  #expect(pair.device.submit(tooLarge, now: .start) == [.finish(.failure(.unsuitableRequest))])
}

@Test func anIdleConnectionIsKeptAliveAndItsEndNoticed() throws {
  var pair = Pair()
  let job = try pair.begin()
  _ = pair.answer(job, features: job.features.bytes)
  let first = try #require(pair.device.wakeUp)
  let pong = sent(pair.peer.take(sent(pair.device.tick(now: first)), now: first))
  #expect(pair.device.take(pong, now: first.adding(milliseconds: 3)) == [.measured(peer: 0, roundTripNanoseconds: 3_000_000)])
  for _ in 0..<3 {
    let now = try #require(pair.device.wakeUp)
    #expect(pair.device.tick(now: now).count == 1)
  }
  let now = try #require(pair.device.wakeUp)
  #expect(pair.device.tick(now: now) == [.close])
}

/// A session that waits for peers, whose first request was refused by all of them.
private func refused(peers: Int, milliseconds: UInt32 = 2_000) -> (device: DeviceSession, last: [DeviceAction]) {
  var settings = DeviceSettings()
  settings.waitsForPeers = true
  var device = DeviceSession(contract: contract, peers: peers, settings: settings, seed: 3)
  var actions = device.submit(.toy(milliseconds: milliseconds), now: .start)
  for _ in 0..<peers { actions = device.connectFailed(.refused, now: .start) }
  return (device, actions)
}

@Test(arguments: [1, 2]) func aRequestMayWaitForAPeerThatComesBack(peers: Int) throws {
  var (device, last) = refused(peers: peers)
  #expect(last.isEmpty, "it goes on")
  let again = try #require(device.wakeUp)
  #expect(again < Moment.start.adding(milliseconds: 2_000))
  let next = try #require(device.tick(now: again).first)
  #expect((0..<peers).contains { next == .connect(peer: $0) })
  var pair = Pair(device: device)
  let job = try pair.join(at: again)
  #expect(success(of: pair.answer(job, features: job.features.bytes, at: again).first) != nil)
}

@Test func aRequestThatWaitsForPeersEndsByItsDeadlineWithTheirReason() throws {
  var (device, actions) = refused(peers: 1)
  // The second one finds a peer that has failed often and rests for long.
  for (start, deadline) in [(UInt32(0), UInt32(2_000)), (2_000, 10_000)] {
    var (attempts, last) = (1, Moment.start.adding(milliseconds: start))
    while actions.isEmpty {
      let now = try #require(device.wakeUp)
      #expect(now < Moment.start.adding(milliseconds: deadline) && last.milliseconds(until: now) <= 1_000)
      #expect(device.tick(now: now) == [.connect(peer: 0)])
      actions = device.connectFailed(.refused, now: now)
      (attempts, last) = (attempts + 1, now)
    }
    #expect(actions == [.finish(.failure(.refused))] && attempts >= 5)
    #expect(last == Moment.start.adding(milliseconds: deadline - 100))
    let now = Moment.start.adding(milliseconds: deadline)
    actions = device.submit(.toy(now: now, milliseconds: 8_000), now: now)
  }
}

@Test func aRequestThatWaitsForABusyPeerKeepsTheConnection() throws {
  var pair = Pair()
  var settings = DeviceSettings()
  settings.waitsForPeers = true
  pair.device = DeviceSession(contract: contract, settings: settings)
  let job = try pair.begin()
  let busy = sent(pair.peer.finished(request: job.request, .failure(.busy), now: .start))
  #expect(pair.device.take(busy, now: .start).isEmpty)
  let again = try #require(pair.device.wakeUp)
  let second = try pair.job(of: pair.device.tick(now: again), at: again)
  #expect(second.request == job.request + 1)
  #expect(success(of: pair.answer(second, features: second.features.bytes, at: again).first) != nil)
}

@Test func aRequestDoesNotWaitForWhatWillNotChange() throws {
  var settings = DeviceSettings()
  settings.waitsForPeers = true
  var device = DeviceSession(contract: .toy(mark: 1), settings: settings)
  var peer = PeerSession(catalog: [.toy(mark: 2)], settings: PeerSettings(), session: 5, now: .start)
  _ = device.submit(.toy(), now: .start)
  let reply = peer.take(sent(device.connected(now: .start)), now: .start)
  let failure = RemoteFailure.incompatibleBundle(
    device: BundleContract.toy(mark: 1).hash.prefix, peer: BundleContract.toy(mark: 2).hash.prefix)
  #expect(device.take(sent(reply), now: .start) == [.close, .finish(.failure(failure))])
}
