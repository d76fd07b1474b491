/// Features as a request's body.
package struct EncodedFeatures: Sendable, Equatable {
  /// What crosses the wire.
  package let bytes: [UInt8]
  package let encoding: BodyEncoding

  /// Bytes before a frame of differences: the id of the request that it differs from.
  package static let deltaPrefix = 4

  package init(bytes: [UInt8], encoding: BodyEncoding) {
    self.bytes = bytes
    self.encoding = encoding
  }

  /// Features that the peer has seen.
  package init(named name: FeatureName) { self.init(bytes: name.bytes, encoding: .named) }

  /// The request whose features these differ from; nil where they stand by themselves.
  package var base: UInt32? {
    encoding.contains(.delta) && bytes.count >= Self.deltaPrefix ? bytes.loadLittleEndian(at: 0) : nil
  }

  /// The largest body of that form for features of `size` bytes.
  package static func largestBody(_ encoding: BodyEncoding, features size: Int) -> Int {
    switch encoding.form {
    case .named: FeatureName.size
    case [.zstd, .delta]: size + deltaPrefix
    default: size
    }
  }

  /// Whether a body of that form must have exactly the largest size.
  package static func isExact(_ encoding: BodyEncoding) -> Bool { !encoding.contains(.zstd) }
}
