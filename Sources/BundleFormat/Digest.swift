import CSHA256

/// A SHA-256.
package struct Digest: Hashable {
  package static let size = 32

  /// 32 bytes.
  package let bytes: [UInt8]

  package init(bytes: [UInt8]) { self.bytes = bytes }

  /// As 64 digits 0-9 a-f.
  package var hexadecimal: String { String(decoding: digits, as: UTF8.self) }

  /// ASCII.
  package var digits: [UInt8] { bytes.flatMap { [Self.digit($0 >> 4), Self.digit($0 & 15)] } }

  /// The digit of 0...15.
  package static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}

extension Digest {
  /// Reads 64 digits 0-9 a-f.
  package init?(hexadecimal text: ArraySlice<UInt8>) {
    let values = text.compactMap(Self.value)
    guard text.count == 2 * Self.size, values.count == text.count else { return nil }
    bytes = (0..<Self.size).map { values[2 * $0] << 4 | values[2 * $0 + 1] }
  }
}

/// Computes a SHA-256 of bytes that come in parts.
@safe package struct Hasher256 {
  /// The fastest form that this processor has: asking it takes microseconds.
  nonisolated(unsafe) static let form = unsafe sha256_available(0)
  private var state = unsafe sha256_start(form)

  package init() {}

  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    unsafe sha256_add(&state, bytes.baseAddress, bytes.count)
  }

  package mutating func add(_ bytes: [UInt8]) {
    unsafe bytes.withUnsafeBytes { unsafe add($0) }
  }

  package mutating func add(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBytes { unsafe add($0) }
  }

  /// The digest of all that was added; the hasher is used up.
  package consuming func digest() -> Digest {
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Digest.size) { buffer, count in
      unsafe sha256_finish(&state, buffer.baseAddress)
      count = Digest.size
    }
    return Digest(bytes: bytes)
  }
}
