/// How a request's body stands for its features: flags of the header.
package struct BodyEncoding: OptionSet, Sendable, Hashable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The body is one zstd frame.
  package static let zstd = BodyEncoding(rawValue: 1)
  /// The frame was made with the bundle's dictionary.
  package static let dictionary = BodyEncoding(rawValue: 2)
  /// The frame holds differences from the features of an earlier request of the session, whose id (u32) stands before it.
  package static let delta = BodyEncoding(rawValue: 4)
  /// The body is the features' name: the peer has seen them.
  package static let named = BodyEncoding(rawValue: 8)
  /// The peer should keep the features, since the next may come as differences from these.
  package static let keep = BodyEncoding(rawValue: 16)

  /// Without `keep`, which says nothing about the body.
  package var form: BodyEncoding { subtracting(.keep) }

  /// Whether these flags may stand together.
  var isKnown: Bool {
    switch form {
    case [], .zstd, [.zstd, .dictionary], [.zstd, .delta], .named: rawValue < 32
    default: false
    }
  }
}
