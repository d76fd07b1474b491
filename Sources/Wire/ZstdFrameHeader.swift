/// The start of a zstd frame (RFC 8878, section 3.1.1.1), read before the library sees a byte.
struct ZstdFrameHeader {
  /// The largest window accepted, in bytes.
  static let windowLimit: UInt64 = 8 << 20

  let contentSize: UInt64
  let window: UInt64
  /// The number of the dictionary; 0 for none.
  let dictionary: UInt32

  /// Refuses skippable and legacy frames, reserved bits and an unknown content size.
  init(_ bytes: [UInt8]) throws(FeatureError) {
    guard bytes.count >= 5, bytes.loadLittleEndian(at: 0) == 0xFD2F_B528 as UInt32 else { throw .notZstd }
    let descriptor = bytes[4]
    let isSingleSegment = descriptor & 0x20 != 0
    guard descriptor & 0x08 == 0 else { throw .notZstd }
    let sizeBytes = Self.contentSizeBytes(descriptor)
    guard sizeBytes > 0 else { throw .unknownContentSize }
    let dictionaryOffset = isSingleSegment ? 5 : 6
    let dictionaryBytes = [0, 1, 2, 4][Int(descriptor & 3)]
    let sizeOffset = dictionaryOffset + dictionaryBytes
    guard bytes.count >= sizeOffset + sizeBytes else { throw .notZstd }
    dictionary = (0..<dictionaryBytes).reduce(0) { $0 | UInt32(bytes[dictionaryOffset + $1]) << UInt32(8 * $1) }
    contentSize = Self.contentSize(bytes, at: sizeOffset, count: sizeBytes)
    window = isSingleSegment ? contentSize : Self.window(bytes[5])
    guard window <= Self.windowLimit else { throw .window(found: window, limit: Self.windowLimit) }
  }

  private static func contentSizeBytes(_ descriptor: UInt8) -> Int {
    switch descriptor >> 6 {
    case 0: descriptor & 0x20 != 0 ? 1 : 0
    case 1: 2
    case 2: 4
    default: 8
    }
  }

  private static func contentSize(_ bytes: [UInt8], at offset: Int, count: Int) -> UInt64 {
    switch count {
    case 1: UInt64(bytes[offset])
    case 2: UInt64(bytes.loadLittleEndian(at: offset) as UInt16) + 256
    case 4: UInt64(bytes.loadLittleEndian(at: offset) as UInt32)
    default: bytes.loadLittleEndian(at: offset)
    }
  }

  private static func window(_ byte: UInt8) -> UInt64 {
    let base: UInt64 = 1 << (10 + UInt64(byte >> 3))
    return base + base / 8 * UInt64(byte & 7)
  }
}
