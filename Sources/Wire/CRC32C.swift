import CCRC32C

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4): finds every single-bit flip and every burst of up to 32 bits.
@safe package struct CRC32C: Sendable {
  /// The fastest form that this processor has: asking it takes microseconds.
  private static let form = unsafe crc32c_available(0)
  private var state: UInt32 = .max

  package init(of bytes: Span<UInt8>) {
    update(bytes)
  }

  /// Continues over more bytes.
  package mutating func update(_ bytes: Span<UInt8>) {
    guard let form = unsafe Self.form else { preconditionFailure("there is no portable form") }
    unsafe bytes.withUnsafeBufferPointer { unsafe state = form(state, $0.baseAddress, $0.count) }
  }

  /// The checksum of the bytes so far.
  package var value: UInt32 { ~state }
}
