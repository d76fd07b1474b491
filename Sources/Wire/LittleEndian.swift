extension [UInt8] {
  /// Appends the bytes of `value`, the lowest first.
  mutating func appendLittleEndian<Number: FixedWidthInteger>(_ value: Number) {
    var rest = value
    for _ in 0..<(Number.bitWidth / 8) {
      append(UInt8(truncatingIfNeeded: rest))
      rest = rest >> 8
    }
  }

  /// Reads a number, the lowest byte first. The caller has checked that its bytes are there.
  func loadLittleEndian<Number: FixedWidthInteger>(at offset: Int) -> Number {
    var value: Number = 0
    for index in (0..<(Number.bitWidth / 8)).reversed() {
      value = value << 8 | Number(truncatingIfNeeded: self[offset + index])
    }
    return value
  }
}
