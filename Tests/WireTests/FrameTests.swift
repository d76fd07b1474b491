import Testing

import Wire

private let bundle = BundleHash(Array(0xA0...0xBF))

@Test func framesAreAsTheFormatSays() throws {
  let bundle = try #require(bundle)
  func plan(_ split: UInt16) -> PlanID { PlanID(bundle: bundle.prefix, split: split) }
  let frames: [String: Frame] = [
    "hello": Hello(versions: 1...3, bundle: bundle).frame,
    "welcome": welcome(bundle).frame,
    "request": Frame(
      .request(5, session: 9, plan: plan(4), sequence: 2, present: 5, deadline: 2000), body: Array(0..<64)),
    "compressed": Frame(
      .request(6, session: 9, plan: plan(6), encoding: .zstd, sequence: .max, present: 1, deadline: 1), body: Array(0..<32)),
    "dictionary": Frame(
      .request(6, session: 9, plan: plan(6), encoding: [.zstd, .dictionary, .keep], sequence: 1, present: 1, deadline: 1),
      body: Array(0..<32)),
    "delta": Frame(
      .request(6, session: 9, plan: plan(6), encoding: [.zstd, .delta, .keep], sequence: 1, present: 2, deadline: 1),
      body: [5, 0, 0, 0] + Array(repeating: 0, count: 9)),
    "named": Frame(
      .request(7, session: 9, plan: plan(6), encoding: .named, sequence: 1, present: 2, deadline: 1), body: Array(0..<16)),
    "raw": Frame(
      .request(8, session: 9, plan: plan(PlanID.raw), sequence: 1, present: 3, deadline: 1),
      body: RawInputs([.init(kind: .image, bytes: [0xFF, 0xD8]), .init(kind: .text, bytes: Array("cat".utf8))]).encoded),
    "result": result(plan(4)),
    "error": ErrorReply.frame(.busy, session: 9, request: 5, bundle: bundle.prefix, load: PeerLoad(credits: 0, wait: 250)),
    "ping": Frame(FrameHeader(.ping, session: 9, request: 1)),
    "pong": pong,
    "goodbye": Frame(FrameHeader(.goodbye, session: 9)),
  ]
  #expect(goldenFrames.count == frames.count)
  for (name, frame) in frames {
    #expect(frame.encoded == goldenFrames[name], "\(name)")
    #expect(decode(frame.encoded) == Decoded(events: [.header(frame.header), .frame(frame)]), "\(name)")
  }
}

private func welcome(_ bundle: BundleHash) -> Welcome {
  Welcome(
    session: 9, version: 2, splitCount: 7, maximumSequence: 512, rawKibibytes: 4096, bundle: bundle, load: PeerLoad(credits: 4, wait: 12))
}

private func result(_ plan: PlanID) -> Frame {
  var header = FrameHeader(.result, session: 9, request: 5, plan: plan)
  header.sequence = 2
  header.elapsed = 1500
  header.load = PeerLoad(credits: 3, wait: 7)
  return Frame(header, body: (240...255).reversed())
}

private var pong: Frame {
  var header = FrameHeader(.pong, session: 9, request: 1)
  header.load = PeerLoad(credits: .max, wait: .max)
  return Frame(header)
}

@Test func messagesComeBack() throws {
  let bundle = try #require(bundle)
  let hello = Hello(versions: 1...3, bundle: bundle)
  #expect(try Hello(hello.frame) == hello)
  let welcome = welcome(bundle)
  #expect(try Welcome(welcome.frame) == welcome)
  for code in PeerErrorCode.allCases {
    let frame = ErrorReply.frame(code, session: 1, request: 2, bundle: bundle.prefix)
    #expect(try ErrorReply(frame).code == code.rawValue)
    #expect(code.description.utf8.count <= 256)
  }
}

@Test func malformedMessagesAreRefused() throws {
  let bundle = try #require(bundle)
  let hello = FrameHeader(.hello)
  #expect(throws: WireError.body(.hello)) { try Hello(Frame(hello, body: [2, 1, 0, 0] + bundle.bytes)) }
  #expect(throws: WireError.body(.hello)) { try Hello(Frame(hello, body: [1, 1, 0, 1] + bundle.bytes)) }
  #expect(throws: WireError.body(.hello)) { try Hello(Frame(hello, body: [1, 1, 0, 0])) }
  let welcome = FrameHeader(.welcome, session: 1)
  #expect(throws: WireError.body(.welcome)) { try Welcome(Frame(welcome, body: [1, 9, 0, 0, 0, 0, 0, 0] + bundle.bytes)) }
  #expect(throws: WireError.body(.error)) { try ErrorReply(Frame(FrameHeader(.error), body: [1, 0, 0x1B])) }
  #expect(throws: WireError.body(.error)) { try ErrorReply(Frame(FrameHeader(.error), body: [1])) }
}

@Test func bundlesAreToldApartByTheirFirstBytes() throws {
  let bundle = try #require(bundle)
  #expect(bundle.bytes == Array(0xA0...0xBF))
  #expect(bundle.prefix.description == "a0a1a2a3a4a5")
  #expect(BundleHash([1, 2, 3]) == nil)
  #expect(FrameHeader.size <= 40)
}
