/// The 40 bytes in front of every frame, little-endian, with a checksum of their own, so that they are trusted before a body is read.
///
///      0  u32  magic "TRBW"
///      4  u8   layout version, 1
///      5  u8   type
///      6  u8   flags: bit 0, the body is one zstd frame
///      7  u8   reserved, 0
///      8  u64  plan: the first 6 bytes of the bundle's SHA-256, then u16 split point
///     16  u32  session
///     20  u32  request, rising within a session
///     24  u32  deadline in milliseconds, counted from the frame's first byte
///     28  u16  sequence: rows in the features
///     30  u16  reserved, 0
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
  package var compressed: Bool
  package var plan: PlanID
  package var session: UInt32
  package var request: UInt32
  /// Milliseconds from the frame's first byte.
  package var deadline: UInt32
  package var sequence: UInt16
  package internal(set) var bodyLength: UInt32 = 0

  package init(
    _ type: FrameType, session: UInt32 = 0, request: UInt32 = 0, plan: PlanID = .none, sequence: UInt16 = 0,
    deadline: UInt32 = 0, compressed: Bool = false
  ) {
    self.type = type
    self.compressed = compressed
    self.plan = plan
    self.session = session
    self.request = request
    self.deadline = deadline
    self.sequence = sequence
  }

  /// The fields that are not zero.
  var presentFields: HeaderFields {
    var fields: HeaderFields = []
    if compressed { fields.insert(.compressed) }
    if plan != .none { fields.insert(.plan) }
    if session != 0 { fields.insert(.session) }
    if request != 0 { fields.insert(.request) }
    if deadline != 0 { fields.insert(.deadline) }
    if sequence != 0 { fields.insert(.sequence) }
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
    bytes.append(compressed ? 1 : 0)
    bytes.append(0)
    bytes.appendLittleEndian(plan.number)
    bytes.appendLittleEndian(session)
    bytes.appendLittleEndian(request)
    bytes.appendLittleEndian(deadline)
    bytes.appendLittleEndian(sequence)
    bytes.appendLittleEndian(UInt16(0))
    bytes.appendLittleEndian(bodyLength)
    return bytes
  }

  /// Reads a header of exactly `size` bytes: the checksum first, then every field.
  init(decoding bytes: [UInt8]) throws(WireError) {
    let checksum = CRC32C(of: bytes.span.extracting(0..<Self.checksumOffset)).value
    guard checksum == bytes.loadLittleEndian(at: Self.checksumOffset) else { throw .headerChecksum }
    guard bytes[4] == Self.layout else { throw .layout(found: bytes[4]) }
    guard let type = FrameType(rawValue: bytes[5]) else { throw .type(found: bytes[5]) }
    guard bytes[6] <= 1 else { throw .flags(found: bytes[6]) }
    guard bytes[7] == 0, bytes[30] == 0, bytes[31] == 0 else { throw .reserved }
    self.init(
      type, session: bytes.loadLittleEndian(at: 16), request: bytes.loadLittleEndian(at: 20),
      plan: PlanID(number: bytes.loadLittleEndian(at: 8)), sequence: bytes.loadLittleEndian(at: 28),
      deadline: bytes.loadLittleEndian(at: 24), compressed: bytes[6] == 1)
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
