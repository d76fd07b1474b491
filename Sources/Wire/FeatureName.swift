import CSHA256

/// What features are called by devices and peers that have seen them: the first 16 bytes of their SHA-256.
@safe package struct FeatureName: Sendable, Hashable {
  package static let size = 16

  /// The fastest form that this processor has: asking it takes microseconds.
  nonisolated(unsafe) private static let form = unsafe sha256_available(0)
  private let low: UInt64
  private let high: UInt64

  package init(of features: [UInt8]) {
    var state = unsafe sha256_start(Self.form)
    unsafe features.withUnsafeBytes { unsafe sha256_add(&state, $0.baseAddress, $0.count) }
    let digest = unsafe [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
      unsafe sha256_finish(&state, buffer.baseAddress)
      count = 32
    }
    self.init(loading: digest)
  }

  /// Reads a body of exactly `size` bytes.
  package init(_ body: [UInt8]) throws(FeatureError) {
    guard body.count == Self.size else { throw .size(found: body.count, expected: Self.size) }
    self.init(loading: body)
  }

  private init(loading bytes: [UInt8]) {
    low = bytes.loadLittleEndian(at: 0)
    high = bytes.loadLittleEndian(at: 8)
  }

  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.size)
    bytes.appendLittleEndian(low)
    bytes.appendLittleEndian(high)
    return bytes
  }
}
