/// A place in bytes from outside. Every read is checked against the bytes' end and moves the cursor past what was read.
package struct Cursor {
  package private(set) var position = 0

  package init(at position: Int = 0) { self.position = position }

  /// Passes over `count` bytes and returns where they lie.
  package mutating func take(_ count: UInt64, of bytes: Span<UInt8>, field: String) throws(BundleError) -> Range<Int> {
    let start = position
    guard let count = Int(exactly: count), start <= bytes.count, count <= bytes.count - start else {
      throw .truncated(field: field, offset: start)
    }
    position = start + count
    return start..<position
  }

  /// Reads a little-endian integer.
  package mutating func integer<T: FixedWidthInteger & UnsignedInteger>(
    _ type: T.Type = T.self, of bytes: Span<UInt8>, field: String
  ) throws(BundleError) -> T {
    let range = try take(UInt64(T.bitWidth / 8), of: bytes, field: field)
    return bytes.littleEndian(at: range.lowerBound)
  }

  /// Reads a length and passes over the text it counts; returns where the text lies.
  package mutating func string(of bytes: Span<UInt8>, field: String) throws(BundleError) -> Range<Int> {
    let count: UInt64 = try integer(of: bytes, field: field)
    return try take(count, of: bytes, field: field)
  }

  /// Reads a name: 1 to `GGUF.longestName` printable ASCII characters without space.
  package mutating func name(of bytes: Span<UInt8>, field: String) throws(BundleError) -> String {
    let start = position
    let range = try string(of: bytes, field: field)
    guard range.count <= GGUF.longestName else { throw .tooLarge(field: field, offset: start, limit: GGUF.longestName) }
    let text = bytes.array(range)
    guard !text.isEmpty, text.allSatisfy({ (0x21...0x7e).contains($0) }) else { throw .badValue(field: field, offset: start) }
    return String(decoding: text, as: UTF8.self)
  }
}

extension Span<UInt8> {
  /// The little-endian integer at that place, which lies within the span.
  package func littleEndian<T: FixedWidthInteger & UnsignedInteger>(at offset: Int) -> T {
    let bytes = extracting(offset..<offset + T.bitWidth / 8)
    return T(littleEndian: unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: T.self) })
  }

  /// A copy of a part, which lies within the span.
  package func array(_ range: Range<Int>) -> [UInt8] {
    unsafe extracting(range).withUnsafeBytes { unsafe Array($0) }
  }
}

extension Int {
  /// This size or offset, not negative, rounded up to a multiple of a power of two; nil where that overflows.
  package func aligned(to alignment: Int) -> Int? {
    let (sum, overflow) = addingReportingOverflow(alignment - 1)
    return overflow ? nil : sum & ~(alignment - 1)
  }
}
