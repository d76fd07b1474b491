/// The peer's answer to a hello that it can serve.
package struct Welcome: Sendable, Equatable {
  static let size = 8 + BundleHash.size

  /// The session's number, which every later frame carries; not 0.
  package let session: UInt32
  /// The protocol version chosen, one of those that the device offered.
  package let version: UInt8
  /// How many split points the peer serves: requests name 0 ..< this.
  package let splitCount: UInt16
  /// The most tokens in a request.
  package let maximumSequence: UInt16
  /// The most bytes of raw inputs in a request, in KiB; 0 where the peer takes none.
  package let rawKibibytes: UInt16
  package let bundle: BundleHash
  package let load: PeerLoad

  package init(
    session: UInt32, version: UInt8, splitCount: UInt16, maximumSequence: UInt16, rawKibibytes: UInt16, bundle: BundleHash, load: PeerLoad
  ) {
    self.session = session
    self.version = version
    self.splitCount = splitCount
    self.maximumSequence = maximumSequence
    self.rawKibibytes = rawKibibytes
    self.bundle = bundle
    self.load = load
  }

  /// Version, u8 0, u16 split points, u16 tokens, u16 KiB of raw inputs, the hash.
  package var frame: Frame {
    var body: [UInt8] = [version, 0]
    body.appendLittleEndian(splitCount)
    body.appendLittleEndian(maximumSequence)
    body.appendLittleEndian(rawKibibytes)
    var header = FrameHeader(.welcome, session: session)
    header.load = load
    return Frame(header, body: body + bundle.bytes)
  }

  /// Reads the body of a welcome frame.
  package init(_ frame: Frame) throws(WireError) {
    let body = frame.body
    guard frame.header.type == .welcome, body.count == Self.size, body[1] == 0 else {
      throw .body(frame.header.type)
    }
    self.init(
      session: frame.header.session, version: body[0], splitCount: body.loadLittleEndian(at: 2),
      maximumSequence: body.loadLittleEndian(at: 4), rawKibibytes: body.loadLittleEndian(at: 6), bundle: BundleHash(loading: body, at: 8),
      load: frame.header.load)
  }
}
