/// Bytes in, frames out: however the bytes are cut into chunks, the events and the error are the same.
///
/// A frame comes as two events, `header` and then `frame`. Nothing is kept for a body before the header was returned, so a session
/// that doesn't want it throws there. Memory for a body grows with the bytes received, never with the length declared.
package struct FrameDecoder: Sendable {
  /// What a call to `next` found.
  package enum Event: Sendable, Equatable {
    /// A header that is undamaged and within the limit; its body has not been read.
    case header(FrameHeader)
    /// The whole frame, its body undamaged.
    case frame(Frame)
  }

  /// The longest request or result body that the next header may declare, in bytes.
  package var bodyLimit: Int
  private var head: [UInt8] = []
  private var header: FrameHeader?
  private var body: [UInt8] = []
  private var failure: WireError?

  package init(bodyLimit: Int) {
    self.bodyLimit = bodyLimit
  }

  /// Whether a frame has begun and not ended.
  package var isInsideFrame: Bool { !head.isEmpty }

  /// Takes bytes from `offset` on and moves it. Nil when all of `input` is used up. After an error every call throws it again.
  package mutating func next(_ input: Span<UInt8>, _ offset: inout Int) throws(WireError) -> Event? {
    if let failure { throw failure }
    do {
      return try advance(input, &offset)
    } catch {
      failure = error
      body = []
      throw error
    }
  }

  private mutating func advance(_ input: Span<UInt8>, _ offset: inout Int) throws(WireError) -> Event? {
    guard let header else { return try readHeader(input, &offset) }
    let total = header.bodyLength == 0 ? 0 : Int(header.bodyLength) + Frame.trailerSize
    body.appendBytes(of: input, &offset, upTo: total)
    guard body.count == total else { return nil }
    try removeTrailer()
    let frame = Frame(header, body: body)
    self.header = nil
    head.removeAll(keepingCapacity: true)
    body = []
    return .frame(frame)
  }

  private mutating func readHeader(_ input: Span<UInt8>, _ offset: inout Int) throws(WireError) -> Event? {
    head.appendBytes(of: input, &offset, upTo: FrameHeader.size)
    if head.count >= 4 {
      let magic: UInt32 = head.loadLittleEndian(at: 0)
      guard magic == FrameHeader.magic else { throw .magic(found: magic) }
    }
    guard head.count == FrameHeader.size else { return nil }
    let header = try FrameHeader(decoding: head)
    try header.checkBodyLength(limit: bodyLimit)
    self.header = header
    return .header(header)
  }

  /// Leaves the body without its checksum, which must match.
  private mutating func removeTrailer() throws(WireError) {
    guard !body.isEmpty else { return }
    let length = body.count - Frame.trailerSize
    var checksum = CRC32C(of: head.span.extracting(0..<FrameHeader.checksumOffset))
    checksum.update(body.span.extracting(0..<length))
    guard checksum.value == body.loadLittleEndian(at: length) else { throw .bodyChecksum }
    body.removeLast(Frame.trailerSize)
  }
}

extension [UInt8] {
  /// Appends bytes of `input` from `offset` on until `total` bytes are here or the input ends, and moves the offset.
  fileprivate mutating func appendBytes(of input: Span<UInt8>, _ offset: inout Int, upTo total: Int) {
    let end = offset + Swift.min(total - count, input.count - offset)
    guard end > offset else { return }
    unsafe input.extracting(offset..<end).withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    offset = end
  }
}
