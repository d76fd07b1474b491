import Preprocessing

/// CRC-32, as zlib computes it, of the words of a text, each followed by a line feed; a word too long counts as empty.
struct WordSum {
  private static let table: [UInt32] = (0..<256).map { byte in
    var value = UInt32(byte)
    for _ in 0..<8 { value = value >> 1 ^ (value & 1) * 0xEDB8_8320 }
    return value
  }
  private var state = UInt32.max

  var value: UInt32 { ~state }

  init(of text: [UInt8], options: WordPieceOptions) {
    var reader = WordReader(options: options)
    reader.begin(0..<text.count)
    while reader.next(in: text.span) {
      if !reader.isTooLong { update(reader.word) }
      update([0x0A])
    }
  }

  private mutating func update(_ bytes: [UInt8]) {
    for byte in bytes { state = Self.table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ state >> 8 }
  }
}
