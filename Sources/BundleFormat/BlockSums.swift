/// The sums of 16 outputs over blocks of 16 outputs by 4 inputs, eight weights at a time: two outputs in one machine word.
struct BlockSums {
  static let size = Layout.blockColumns * Layout.blockDepth

  /// One sum an output.
  private(set) var sums = [Int32](repeating: 0, count: Layout.blockColumns)
  /// Whether a weight is −128.
  let holdsMinimum: Bool

  /// Sums whole blocks that lie behind each other.
  init(_ blocks: UnsafeRawBufferPointer) {
    holdsMinimum = unsafe Self.holdsMinimum(blocks)
    for start in stride(from: 0, to: blocks.count, by: Self.size * Self.blocksAtOnce) {
      let end = min(start + Self.size * Self.blocksAtOnce, blocks.count)
      unsafe add(UnsafeRawBufferPointer(rebasing: blocks[start..<end]))
    }
  }

  /// How often a sum of two bytes fits 16 bits.
  private static let blocksAtOnce = 128
  /// Flips the signs of eight int8: as bytes they are then 128 more.
  private static let signs: UInt64 = 0x8080_8080_8080_8080
  private static let evenBytes: UInt64 = 0x00ff_00ff_00ff_00ff
  private static let ones: UInt64 = 0x0101_0101_0101_0101

  private mutating func add(_ blocks: UnsafeRawBufferPointer) {
    let excess = Int32(blocks.count / Self.size * Layout.blockDepth * 128)
    for pair in 0..<Layout.blockColumns / 2 {
      var lanes: UInt64 = 0
      for offset in stride(from: 8 * pair, to: blocks.count, by: Self.size) {
        let bytes = UInt64(littleEndian: unsafe blocks.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ Self.signs
        lanes &+= (bytes & Self.evenBytes) &+ ((bytes >> 8) & Self.evenBytes)
      }
      sums[2 * pair] &+= Int32(lanes & 0xffff) &+ Int32(lanes >> 16 & 0xffff) &- excess
      sums[2 * pair + 1] &+= Int32(lanes >> 32 & 0xffff) &+ Int32(lanes >> 48) &- excess
    }
  }

  /// Whether one of the int8 is −128: with the signs flipped that is the byte 0. A byte is 0 if taking 1 from it sets its high bit, which
  /// was not set; a borrow only comes from a byte that is 0 itself.
  static func holdsMinimum(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let words = bytes.count / 8 * 8
    var found: UInt64 = 0
    for offset in stride(from: 0, to: words, by: 8) {
      let word = (unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ Self.signs
      found |= (word &- Self.ones) & ~word
    }
    return found & Self.signs != 0 || (unsafe bytes[words...].contains(0x80))
  }
}
