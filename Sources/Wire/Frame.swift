/// One message on the wire.
package struct Frame: Sendable, Equatable {
  package let header: FrameHeader
  package let body: [UInt8]

  /// Sets the header's body length.
  package init(_ header: FrameHeader, body: [UInt8] = []) {
    var header = header
    header.bodyLength = UInt32(clamping: body.count)
    self.header = header
    self.body = body
  }

  /// Bytes behind the body: its checksum.
  static let trailerSize = 4

  /// Bytes of the frame on the wire.
  package var encodedSize: Int { FrameHeader.size + (body.isEmpty ? 0 : body.count + Self.trailerSize) }

  /// The frame as it crosses the wire.
  package var encoded: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(encodedSize)
    bytes += header.checkedBytes
    var checksum = CRC32C(of: bytes.span)
    bytes.appendLittleEndian(checksum.value)
    guard !body.isEmpty else { return bytes }
    bytes += body
    checksum.update(body.span)
    bytes.appendLittleEndian(checksum.value)
    return bytes
  }
}
