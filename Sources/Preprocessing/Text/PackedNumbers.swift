/// Tables as text literals. A program holds those as they are, a fifth of what array literals take, which code copies to the heap.
enum PackedNumbers {
  /// The numbers that `packed` of tools/oracles/unicode_tables.py wrote: each as its difference from the one before, zigzag-coded, in
  /// groups of 5 bits from the lowest. A group is a character from `0`; where another follows it has the bit 32 besides. Line ends are
  /// skipped.
  static func unpack(_ text: String) -> [UInt32] {
    var numbers: [UInt32] = []
    var (last, difference, shift): (UInt32, UInt32, UInt32) = (0, 0, 0)
    for character in text.utf8 where character >= 0x30 {
      let group = UInt32(character) - 0x30
      difference |= (group & 31) << shift
      shift += 5
      if group & 32 != 0 { continue }
      last &+= difference >> 1 ^ (0 &- (difference & 1))
      numbers.append(last)
      (difference, shift) = (0, 0)
    }
    return numbers
  }
}
