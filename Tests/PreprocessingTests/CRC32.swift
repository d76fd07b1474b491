/// CRC-32, as zlib computes it.
struct CRC32 {
  private static let table: [UInt32] = (0..<256).map { byte in
    var value = UInt32(byte)
    for _ in 0..<8 { value = value >> 1 ^ (value & 1) * 0xEDB8_8320 }
    return value
  }
  private var state = UInt32.max

  var value: UInt32 { ~state }

  init(of bytes: [UInt8] = []) { update(bytes) }

  mutating func update(_ bytes: [UInt8]) {
    for byte in bytes { state = Self.table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ state >> 8 }
  }
}
