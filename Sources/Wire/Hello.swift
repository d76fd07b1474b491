/// The first frame of a session: what the device speaks and which bundle it holds.
package struct Hello: Sendable, Equatable {
  static let size = 4 + BundleHash.size

  /// The protocol versions that the device speaks.
  package let versions: ClosedRange<UInt8>
  package let bundle: BundleHash

  package init(versions: ClosedRange<UInt8>, bundle: BundleHash) {
    self.versions = versions
    self.bundle = bundle
  }

  /// Lowest version, highest version, u16 0, the hash.
  package var frame: Frame {
    Frame(FrameHeader(.hello), body: [versions.lowerBound, versions.upperBound, 0, 0] + bundle.bytes)
  }

  /// Reads the body of a hello frame.
  package init(_ frame: Frame) throws(WireError) {
    let body = frame.body
    guard frame.header.type == .hello, body.count == Self.size, body[0] <= body[1], body[2] == 0, body[3] == 0 else {
      throw .body(frame.header.type)
    }
    self.init(versions: body[0]...body[1], bundle: BundleHash(loading: body, at: 4))
  }
}
