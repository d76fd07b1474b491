extension Scalar {
  /// Reads the scalar that begins at `position` and moves `position`, an index of the text, behind it.
  ///
  /// What is not UTF-8 gives U+FFFD once for each maximal subpart of an ill-formed sequence (The Unicode Standard, section 3.9,
  /// "U+FFFD Substitution of Maximal Subparts"), as Python's `bytes.decode("utf-8", errors="replace")` does.
  static func next(in text: Span<UInt8>, at position: inout Int) -> UInt32 {
    let lead = text[position]
    position += 1
    if lead < 0x80 { return UInt32(lead) }
    guard var (scalar, following, allowed) = sequence(after: lead) else { return replacement }
    while following > 0 {
      guard position < text.count, allowed ~= text[position] else { return replacement }
      scalar = scalar << 6 | UInt32(text[position] & 0x3F)
      position += 1
      following -= 1
      allowed = 0x80...0xBF
    }
    return scalar
  }

  /// The bits that a first byte gives, how many bytes follow, and which values the next one may have; nil where none may follow.
  private static func sequence(after lead: UInt8) -> (bits: UInt32, following: Int, allowed: ClosedRange<UInt8>)? {
    switch lead {
    case 0xC2...0xDF: (UInt32(lead & 0x1F), 1, 0x80...0xBF)
    case 0xE0: (0, 2, 0xA0...0xBF)
    case 0xED: (0xD, 2, 0x80...0x9F)
    case 0xE1...0xEF: (UInt32(lead & 0xF), 2, 0x80...0xBF)
    case 0xF0: (0, 3, 0x90...0xBF)
    case 0xF1...0xF3: (UInt32(lead & 7), 3, 0x80...0xBF)
    case 0xF4: (4, 3, 0x80...0x8F)
    default: nil
    }
  }
}
