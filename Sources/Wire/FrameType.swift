/// What a frame is for.
package enum FrameType: UInt8, Sendable, CaseIterable {
  /// Device → peer: protocol versions and the bundle's hash.
  case hello = 1
  /// Peer → device: the version chosen, the session's number and the limits.
  case welcome = 2
  /// Device → peer: features at a split point, or raw inputs.
  case request = 3
  /// Peer → device: the output for a request.
  case result = 4
  /// Either way: a code, about one request or (request 0) about the session.
  case error = 5
  /// Device → peer: are you there? The request field is a counter that the pong echoes.
  case ping = 6
  /// Peer → device: the answer to a ping.
  case pong = 7
  /// Either way: no new requests on this connection; what was accepted is still answered.
  case goodbye = 8

  /// The body lengths that this type may declare; nil where the bundle says it.
  var bodyLengths: ClosedRange<Int>? {
    switch self {
    case .hello: Hello.size...Hello.size
    case .welcome: Welcome.size...Welcome.size
    case .error: ErrorReply.sizes
    case .ping, .pong, .goodbye: 0...0
    case .request, .result: nil
    }
  }

  /// The header fields that must not be zero.
  var requiredFields: HeaderFields {
    switch self {
    case .hello, .error: []
    case .welcome, .goodbye: .session
    case .request: [.session, .request, .deadline, .sequence, .present]
    case .result: [.session, .request, .sequence]
    case .ping, .pong: [.session, .request]
    }
  }

  /// The header fields that may be other than zero.
  var allowedFields: HeaderFields {
    switch self {
    case .hello: []
    case .welcome: [.session, .credits, .wait]
    case .goodbye: .session
    case .request: [.session, .request, .deadline, .sequence, .present, .plan, .encoding]
    case .result: [.session, .request, .plan, .sequence, .credits, .elapsed, .wait]
    case .error: [.session, .request, .plan, .credits, .wait]
    case .ping: [.session, .request]
    case .pong: [.session, .request, .credits, .wait]
    }
  }
}

/// Header fields, as a set of those that are not zero.
struct HeaderFields: OptionSet {
  let rawValue: UInt16

  static let encoding = HeaderFields(rawValue: 1)
  static let plan = HeaderFields(rawValue: 2)
  static let session = HeaderFields(rawValue: 4)
  static let request = HeaderFields(rawValue: 8)
  static let deadline = HeaderFields(rawValue: 16)
  static let sequence = HeaderFields(rawValue: 32)
  static let credits = HeaderFields(rawValue: 64)
  static let elapsed = HeaderFields(rawValue: 128)
  static let present = HeaderFields(rawValue: 256)
  static let wait = HeaderFields(rawValue: 512)
}
