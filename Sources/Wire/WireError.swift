/// Why bytes are not a frame. The connection they came on cannot be read any further.
package enum WireError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The bytes don't start with this protocol's magic.
  case magic(found: UInt32)
  case headerChecksum
  case bodyChecksum
  /// A header layout of another protocol version.
  case layout(found: UInt8)
  case type(found: UInt8)
  case flags(found: UInt8)
  /// A field that this type must have is zero, or one that it does not use is not.
  case fields(FrameType)
  case bodyLength(FrameType, declared: UInt32, limit: Int)
  /// A body whose fields contradict each other.
  case body(FrameType)

  /// Whether the bytes are whole and of another version of the protocol.
  package var isVersionSkew: Bool {
    switch self {
    case .layout, .type, .flags: true
    case .magic, .headerChecksum, .bodyChecksum, .fields, .bodyLength, .body: false
    }
  }

  package var description: String {
    switch self {
    case .magic(let found): "the bytes are not Tributary frames (magic \(found)); check the address and port"
    case .headerChecksum: "a frame's header was damaged on the way"
    case .bodyChecksum: "a frame's body was damaged on the way"
    case .layout(let found): "a frame has layout \(found), and this side knows layout \(FrameHeader.layout); update the older side"
    case .type(let found): "a frame has the unknown type \(found); update the older side"
    case .flags(let found): "a frame has unknown flags (\(found)); update the older side"
    case .fields(let type): "a frame of type \(type.rawValue) has wrong header fields"
    case .bodyLength(let type, let declared, let limit):
      "a frame of type \(type.rawValue) declares a body of \(declared) bytes, and at most \(limit) are allowed"
    case .body(let type): "a frame of type \(type.rawValue) has a malformed body"
    }
  }
}
