/// The 40 bytes in front of every frame, little-endian, with a checksum of their own, so that they are trusted before a body is read.
///
///      0  u32  magic "TRBW"
///      4  u8   layout version, 1
///      5  u8   type
///      6  u8   how a request's body stands for its features (`BodyEncoding`)
///      7  u8   credits: from the peer, how many more requests it takes from this session now
///      8  u64  plan: the first 6 bytes of the bundle's SHA-256, then u16 split point (65,535: raw inputs)
///     16  u32  session
///     20  u32  request, rising within a session
///     24  u32  of a request its deadline in milliseconds, counted from the frame's first byte; of a result the microseconds that
///              the peer took for it
///     28  u16  sequence: tokens of the request, 1 where there are none
///     30  u16  of a request the graph's inputs that it brings, a bit each; from the peer the milliseconds that a request would wait now
///     32  u32  body length in bytes
///     36  u32  CRC-32C of bytes 0..<36
///
/// A body that is not empty is followed by a CRC-32C over bytes 0..<36 of its header and the body, so that it cannot be taken for
/// another frame's.
package struct FrameHeader: Sendable, Equatable {
  /// Bytes in a header.
  package static let size = 40
  /// The layout that this module reads and writes. Hello and error frames keep it for ever, so that versions can be negotiated.
  package static let layout: UInt8 = 1
  static let magic: UInt32 = 0x5742_5254
  static let checksumOffset = 36

  package var type: FrameType
  package var encoding: BodyEncoding = []
  package var credits: UInt8 = 0
  package var plan: PlanID
  package var session: UInt32
  package var request: UInt32
  /// Milliseconds from the frame's first byte.
  package var deadline: UInt32 = 0
  /// Microseconds from the request's last byte to the answer.
  package var elapsed: UInt32 = 0
  package var sequence: UInt16 = 0
  /// The inputs that a request brings.
  package var present: UInt16 = 0
  /// Milliseconds that a request would wait at the peer now.
  package var wait: UInt16 = 0
  package internal(set) var bodyLength: UInt32 = 0

  package init(_ type: FrameType, session: UInt32 = 0, request: UInt32 = 0, plan: PlanID = .none) {
    self.type = type
    self.plan = plan
    self.session = session
    self.request = request
  }

  /// A request's header. `deadline` is in milliseconds.
  package static func request(
    _ request: UInt32, session: UInt32, plan: PlanID, encoding: BodyEncoding = [], sequence: UInt16, present: UInt16, deadline: UInt32
  ) -> FrameHeader {
    var header = FrameHeader(.request, session: session, request: request, plan: plan)
    header.encoding = encoding
    header.sequence = sequence
    header.present = present
    header.deadline = deadline
    return header
  }

  /// The fields that are not zero.
  var presentFields: HeaderFields {
    var fields: HeaderFields = []
    if encoding != [] { fields.insert(.encoding) }
    if credits != 0 { fields.insert(.credits) }
    if plan != .none { fields.insert(.plan) }
    if session != 0 { fields.insert(.session) }
    if request != 0 { fields.insert(.request) }
    if deadline != 0 { fields.insert(.deadline) }
    if elapsed != 0 { fields.insert(.elapsed) }
    if sequence != 0 { fields.insert(.sequence) }
    if present != 0 { fields.insert(.present) }
    if wait != 0 { fields.insert(.wait) }
    return fields
  }
}

extension FrameHeader {
  /// The 36 bytes that the checksum covers.
  var checkedBytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.size)
    bytes.appendLittleEndian(Self.magic)
    bytes.append(Self.layout)
    bytes.append(type.rawValue)
    bytes.append(encoding.rawValue)
    bytes.append(credits)
    bytes.appendLittleEndian(plan.number)
    bytes.appendLittleEndian(session)
    bytes.appendLittleEndian(request)
    bytes.appendLittleEndian(type == .request ? deadline : elapsed)
    bytes.appendLittleEndian(sequence)
    bytes.appendLittleEndian(type == .request ? present : wait)
    bytes.appendLittleEndian(bodyLength)
    return bytes
  }

  /// Reads a header of exactly `size` bytes: the checksum first, then every field.
  init(decoding bytes: [UInt8]) throws(WireError) {
    let checksum = CRC32C(of: bytes.span.extracting(0..<Self.checksumOffset)).value
    guard checksum == bytes.loadLittleEndian(at: Self.checksumOffset) else { throw .headerChecksum }
    guard bytes[4] == Self.layout else { throw .layout(found: bytes[4]) }
    guard let type = FrameType(rawValue: bytes[5]) else { throw .type(found: bytes[5]) }
    let encoding = BodyEncoding(rawValue: bytes[6])
    guard encoding.isKnown else { throw .flags(found: bytes[6]) }
    self.init(
      type, session: bytes.loadLittleEndian(at: 16), request: bytes.loadLittleEndian(at: 20),
      plan: PlanID(number: bytes.loadLittleEndian(at: 8)))
    self.encoding = encoding
    credits = bytes[7]
    sequence = bytes.loadLittleEndian(at: 28)
    if type == .request {
      deadline = bytes.loadLittleEndian(at: 24)
      present = bytes.loadLittleEndian(at: 30)
    } else {
      elapsed = bytes.loadLittleEndian(at: 24)
      wait = bytes.loadLittleEndian(at: 30)
    }
    bodyLength = bytes.loadLittleEndian(at: 32)
    guard type.requiredFields.isSubset(of: presentFields), presentFields.isSubset(of: type.allowedFields) else {
      throw .fields(type)
    }
  }

  /// Whether the declared body may be read: fixed types have their own length, the others the limit.
  func checkBodyLength(limit: Int) throws(WireError) {
    let least = type.bodyLengths?.lowerBound ?? 1
    let most = type.bodyLengths?.upperBound ?? limit
    guard let length = Int(exactly: bodyLength), least <= length, length <= most else {
      throw .bodyLength(type, declared: bodyLength, limit: most)
    }
  }
}
