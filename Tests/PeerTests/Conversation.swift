import Glibc
import Split
import Wire

/// A connection past its greeting, by hand.
final class Conversation {
  private let contract: BundleContract
  private let descriptor: Int32
  private let session: UInt32
  private var request: UInt32 = 0

  init(_ contract: BundleContract, port: UInt16) {
    self.contract = contract
    descriptor = openConnection(port: port)
    sendAll(descriptor, Hello(versions: 2...2, bundle: contract.hash).frame.encoded)
    session = frames(in: receive(descriptor)).first?.header.session ?? 0
  }

  deinit { close(descriptor) }

  /// Sends features without a wait for the answer.
  func send(_ rows: [UInt8], milliseconds: UInt32 = 20_000) {
    request += 1
    let header = FrameHeader.request(
      request, session: session, plan: PlanID(bundle: contract.hash.prefix, split: 0), sequence: UInt16(rows.count / 387), present: 1,
      deadline: milliseconds)
    sendAll(descriptor, Frame(header, body: rows).encoded)
  }

  /// Sends the body of raw inputs, which are a text, without a wait for the answer.
  func send(raw body: [UInt8]) {
    request += 1
    let header = FrameHeader.request(
      request, session: session, plan: PlanID(bundle: contract.hash.prefix, split: PlanID.raw), sequence: 1, present: 1, deadline: 20_000)
    sendAll(descriptor, Frame(header, body: body).encoded)
  }

  /// The load that the peer tells with a pong.
  func load() -> PeerLoad {
    sendAll(descriptor, Frame(FrameHeader(.ping, session: session, request: 1)).encoded)
    return frames(in: receive(descriptor)).last { $0.header.type == .pong }?.header.load ?? .none
  }

  /// The next frame that the peer sends.
  func next() -> Frame? { frames(in: receive(descriptor)).first }

  /// The next frame's error code, if it is an error.
  func nextCode() -> UInt16? { next().flatMap { try? ErrorReply($0) }?.code }
}
