/// What a peer says when it cannot answer. The numbers are part of the protocol and never change their meaning.
package enum PeerErrorCode: UInt16, Error, Sendable, CaseIterable, CustomStringConvertible {
  case malformed = 1
  case incompatibleVersion = 2
  case incompatibleBundle = 3
  case unknownPlan = 4
  case sequenceTooLong = 5
  case bodySize = 6
  case malformedFeatures = 7
  case deadlinePassed = 8
  case busy = 9
  case draining = 10
  case tooSlow = 11
  case `internal` = 12
  case unknownFeatures = 13
  case unsuitableInput = 14
  case clientLimit = 15

  /// Fixed text, at most 256 bytes of ASCII, with nothing in it about the peer or other sessions.
  package var description: String {
    switch self {
    case .malformed: "the bytes received were not a valid frame for this point of the session"
    case .incompatibleVersion: "no protocol version in common"
    case .incompatibleBundle: "the two sides hold different bundles"
    case .unknownPlan: "the request names a bundle or split point that is not served"
    case .sequenceTooLong: "the sequence is longer than the peer accepts"
    case .bodySize: "the body is not as long as the bundle says"
    case .malformedFeatures: "the features could not be read"
    case .deadlinePassed: "the deadline passed before the request could run"
    case .busy: "the peer has no room for another request or connection"
    case .draining: "the peer is shutting down and takes no new requests"
    case .tooSlow: "a frame took too long to arrive"
    case .internal: "the peer failed"
    case .unknownFeatures: "the peer does not hold the features that the request names or differs from"
    case .unsuitableInput: "the raw inputs could not be decoded or do not suit the model"
    case .clientLimit: "this device uses all that the peer grants to one device"
    }
  }
}

/// The body of an error frame: u16 code, then its text for whoever reads a capture.
package struct ErrorReply: Sendable, Equatable {
  static let maximumText = 256
  static let sizes = 2...(2 + maximumText)

  /// The code as sent; `PeerErrorCode(rawValue:)` is nil for a newer peer's.
  package let code: UInt16

  /// About `request`, or about the session where it is 0. `bundle` tells the device which bundle the peer holds.
  package static func frame(
    _ code: PeerErrorCode, session: UInt32, request: UInt32, bundle: BundlePrefix, load: PeerLoad = .none
  ) -> Frame {
    var body: [UInt8] = []
    body.appendLittleEndian(code.rawValue)
    body += code.description.utf8.prefix(maximumText)
    var header = FrameHeader(.error, session: session, request: request, plan: PlanID(bundle: bundle, split: 0))
    header.load = load
    return Frame(header, body: body)
  }

  /// Reads the body of an error frame; text other than printable ASCII is refused.
  package init(_ frame: Frame) throws(WireError) {
    guard frame.header.type == .error, Self.sizes.contains(frame.body.count),
      frame.body.dropFirst(2).allSatisfy({ (0x20...0x7E).contains($0) })
    else { throw .body(frame.header.type) }
    code = frame.body.loadLittleEndian(at: 0)
  }
}
