/// The SHA-256 of a bundle file: what both sides must share before a tensor crosses the wire.
package struct BundleHash: Sendable, Hashable {
  /// Bytes in a hash.
  package static let size = 32

  private let words: Words

  private struct Words: Sendable, Hashable {
    let a, b, c, d: UInt64
  }

  /// Nil unless there are exactly 32 bytes.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.size else { return nil }
    self.init(loading: bytes, at: 0)
  }

  /// Reads 32 bytes from `offset`, which the caller has checked to be there.
  init(loading bytes: [UInt8], at offset: Int) {
    words = Words(
      a: bytes.loadLittleEndian(at: offset), b: bytes.loadLittleEndian(at: offset + 8),
      c: bytes.loadLittleEndian(at: offset + 16), d: bytes.loadLittleEndian(at: offset + 24))
  }

  /// The 32 bytes.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.size)
    for word in [words.a, words.b, words.c, words.d] { bytes.appendLittleEndian(word) }
    return bytes
  }

  /// The first six bytes, which stand in every request's plan id.
  package var prefix: BundlePrefix {
    BundlePrefix(words.a & BundlePrefix.mask)
  }
}

/// The first six bytes of a bundle's SHA-256: enough to tell two bundles apart by eye and to refuse a mix-up.
package struct BundlePrefix: Sendable, Hashable, CustomStringConvertible {
  static let mask: UInt64 = 0xFFFF_FFFF_FFFF

  /// The bytes as one little-endian number.
  let number: UInt64

  /// Keeps the low 48 bits.
  init(_ number: UInt64) {
    self.number = number & Self.mask
  }

  /// No bundle: what frames outside a request carry.
  package static let none = BundlePrefix(0)

  /// Twelve hexadecimal digits, the first bytes first: the start of what `sha256sum` prints.
  package var description: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for index in 0..<6 {
      let byte = Int(truncatingIfNeeded: number >> (8 * UInt64(index))) & 0xFF
      text.append(digits[byte >> 4])
      text.append(digits[byte & 15])
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// What a request runs: a bundle, from one of its split points on or from raw inputs.
package struct PlanID: Sendable, Hashable {
  package let bundle: BundlePrefix
  /// The index of the split point in the bundle's list, or `raw`.
  package let split: UInt16

  /// In place of a split point: the peer prepares the inputs and runs all of the model.
  package static let raw = UInt16.max

  package init(bundle: BundlePrefix, split: UInt16) {
    self.bundle = bundle
    self.split = split
  }

  /// What frames outside a request carry.
  package static let none = PlanID(bundle: .none, split: 0)

  /// Six bytes of bundle, then two of split point, as one little-endian number.
  var number: UInt64 { bundle.number | UInt64(split) << 48 }

  init(number: UInt64) {
    self.init(bundle: BundlePrefix(number), split: UInt16(truncatingIfNeeded: number >> 48))
  }
}
