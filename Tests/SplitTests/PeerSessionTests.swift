import Split
import Testing
import Wire

private let contract = BundleContract.toy()
private let hello = Hello(versions: 2...2, bundle: contract.hash).frame.encoded

/// A peer session that has greeted its device as session 5.
private func greeted() -> PeerSession {
  var peer = PeerSession(catalog: [contract], settings: PeerSettings(), session: 5, now: .start)
  #expect(peer.take(hello, now: .start).count == 1)
  return peer
}

private func request(
  session: UInt32 = 5, id: UInt32 = 1, plan: PlanID = PlanID(bundle: contract.hash.prefix, split: 0), sequence: UInt16 = 2,
  present: UInt16 = 1, bytes: Int = 22, deadline: UInt32 = 100, encoding: BodyEncoding = []
) -> [UInt8] {
  let header = FrameHeader.request(
    id, session: session, plan: plan, encoding: encoding, sequence: sequence, present: present, deadline: deadline)
  return Frame(header, body: Array(repeating: 1, count: bytes)).encoded
}

/// The error codes among the frames sent.
private func errors(_ actions: [PeerAction]) -> [PeerErrorCode] {
  actions.compactMap { action in
    guard case .send(let bytes) = action else { return nil }
    var decoder = FrameDecoder(bodyLimit: 1_024)
    var offset = 0
    guard (try? decoder.next(bytes.span, &offset)) != nil, case .frame(let frame) = try? decoder.next(bytes.span, &offset) else {
      return nil
    }
    return (try? ErrorReply(frame)).flatMap { PeerErrorCode(rawValue: $0.code) }
  }
}

@Test func requestsAreCheckedAgainstTheBundleAtTheirHeader() {
  let other = BundleContract.toy(mark: 9).hash.prefix
  let raw = PlanID(bundle: contract.hash.prefix, split: PlanID.raw)
  let cases: [([UInt8], PeerErrorCode)] = [
    (request(plan: PlanID(bundle: other, split: 0)), .unknownPlan),
    (request(plan: PlanID(bundle: contract.hash.prefix, split: 2)), .unknownPlan),
    (request(sequence: 33, bytes: 300), .sequenceTooLong),
    (request(bytes: 21), .bodySize),
    (request(bytes: 23), .bodySize),
    (request(bytes: 23, encoding: .zstd), .bodySize),
    (request(bytes: 27, encoding: [.zstd, .delta]), .bodySize),
    (request(bytes: 15, encoding: .named), .bodySize),
    (request(present: 2), .unsuitableInput),
    (request(plan: raw, bytes: 4_194_305), .malformed),
    (request(plan: raw, encoding: .zstd), .bodySize),
    (request(session: 6), .malformed),
    (hello, .malformed),
    (Frame(FrameHeader(.pong, session: 5, request: 1)).encoded, .malformed),
  ]
  for (bytes, code) in cases {
    var peer = greeted()
    let actions = peer.take(bytes[..<FrameHeader.size], now: .start)
    #expect(errors(actions) == [code] && actions.last == .close)
    #expect(peer.take(bytes[FrameHeader.size...], now: .start).isEmpty)
  }
}

@Test func nothingRunsBeforeTheGreeting() {
  var peer = PeerSession(catalog: [contract], settings: PeerSettings(), session: 5, now: .start)
  let actions = peer.take(request(), now: .start)
  #expect(errors(actions) == [.malformed] && actions.last == .close)
}

@Test func strangersAreTurnedAway() {
  for bytes in [Array("GET / HTTP/1.1\r\n\r\n".utf8), Array(repeating: 0, count: 64)] {
    var peer = PeerSession(catalog: [contract], settings: PeerSettings(), session: 5, now: .start)
    let actions = peer.take(bytes, now: .start)
    #expect(errors(actions) == [.malformed] && actions.last == .close)
  }
}

@Test func noMoreRequestsRunThanWereGranted() {
  var peer = greeted()
  for id: UInt32 in 1...4 { #expect(errors(peer.take(request(id: id), now: .start)).isEmpty) }
  #expect(errors(peer.take(request(id: 5), now: .start)) == [.busy])
  #expect(errors(peer.finished(request: 3, .failure(.internal), now: .start)) == [.internal])
  #expect(peer.finished(request: 3, .failure(.internal), now: .start).isEmpty)
  #expect(errors(peer.take(request(id: 6), now: .start)).isEmpty)
  #expect(errors(peer.take(request(id: 6), now: .start)) == [.malformed], "ids rise")
}

@Test func aPeerWithoutRoomTakesNothing() {
  var peer = greeted()
  peer.wait = nil
  #expect(errors(peer.take(request(id: 1), now: .start)) == [.busy])
  peer.wait = 3
  #expect(errors(peer.take(request(id: 2), now: .start)).isEmpty)
}

@Test func differencesFromWhatIsNotKeptAreUnknown() {
  var peer = greeted()
  #expect(errors(peer.take(request(encoding: [.zstd, .delta]), now: .start)) == [.unknownFeatures])
}

@Test func aDripIsCutHoweverOftenItDrips() throws {
  var peer = greeted()
  let bytes = request(sequence: 32, bytes: 352)
  var now = Moment.start
  for (index, byte) in bytes.enumerated() {
    let actions = peer.take([byte], now: now)
    if actions.last == .close {
      #expect(errors(actions) == [.tooSlow] && index < 30)
      return
    }
    now = now.adding(milliseconds: 100)
  }
  Issue.record("the drip was never cut")
}

@Test func aSilentDripIsCutByTheClock() throws {
  var peer = greeted()
  _ = peer.take(request()[..<50], now: .start)
  let due = try #require(peer.wakeUp)
  #expect(due <= Moment.start.adding(milliseconds: 2_100))
  let actions = peer.tick(now: due)
  #expect(errors(actions) == [.tooSlow] && actions.last == .close)
}

@Test func whoeverSaysNothingIsSentAway() throws {
  var silent = PeerSession(catalog: [contract], settings: PeerSettings(), session: 5, now: .start)
  #expect(silent.tick(now: try #require(silent.wakeUp)).last == .close)
  var idle = greeted()
  let goodbye = idle.tick(now: try #require(idle.wakeUp))
  #expect(goodbye.count == 1 && errors(goodbye).isEmpty)
  #expect(idle.tick(now: try #require(idle.wakeUp)) == [.close])
  #expect(idle.wakeUp == nil)
}

@Test func aRequestThatCameTooLateDoesNotRun() {
  var peer = greeted()
  let bytes = request(deadline: 100)
  _ = peer.take(bytes[..<10], now: .start)
  #expect(errors(peer.take(bytes[10...], now: .start.adding(milliseconds: 100))) == [.deadlinePassed])
}

@Test func anAnswerOfTheWrongSizeIsThePeersFault() {
  var peer = greeted()
  _ = peer.take(request(), now: .start)
  let result = PeerResult(body: [1, 2, 3], sequence: 2, features: [])
  #expect(errors(peer.finished(request: 1, .success(result), now: .start)) == [.internal])
}

@Test func damageEndsTheSession() {
  var bytes = request()
  bytes[60] ^= 1
  var peer = greeted()
  let actions = peer.take(bytes, now: .start)
  #expect(errors(actions) == [.malformed] && actions.last == .close)
  #expect(peer.wakeUp == nil)
}

/// The connection ends after each byte of a request: nothing runs, and nothing is left to wait for.
@Test func aRequestCutAtAnyByteDoesNotRun() {
  let bytes = request()
  for length in 0..<bytes.count {
    var peer = greeted()
    #expect(peer.take(bytes[..<length], now: .start).isEmpty)
    peer.closed()
    #expect(peer.wakeUp == nil)
  }
}

@Test func momentsDoNotOverflow() {
  let last = Moment(nanoseconds: .max)
  #expect(last.adding(milliseconds: .max) == last)
  #expect(Moment(nanoseconds: .min).milliseconds(until: last) == .max)
  #expect(last.milliseconds(until: .start) == 0)
  #expect(Moment.start.milliseconds(until: Moment.start.adding(milliseconds: 7)) == 7)
}
