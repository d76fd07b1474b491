import CZstd

/// Features as a request's body.
package struct EncodedFeatures: Sendable, Equatable {
  package let bytes: [UInt8]
  /// Whether `bytes` is one zstd frame.
  package let compressed: Bool

  package init(bytes: [UInt8], compressed: Bool) {
    self.bytes = bytes
    self.compressed = compressed
  }
}

/// Compresses features where it pays. Keeps its work memory from call to call; one for each session.
@safe package final class FeatureEncoder {
  private let context: OpaquePointer?

  package init() {
    unsafe context = ZSTD_createCCtx()
  }

  deinit {
    unsafe ZSTD_freeCCtx(context)
  }

  /// The features as one zstd frame of level 1 if that saves at least a sixteenth, otherwise as they are.
  package func encode(_ features: Span<UInt8>) -> EncodedFeatures {
    if let frame = compress(features, capacity: features.count - features.count / 16) { return frame }
    let raw = unsafe features.withUnsafeBufferPointer { unsafe Array($0) }
    return EncodedFeatures(bytes: raw, compressed: false)
  }

  /// Nil if the frame would be over `capacity` bytes.
  private func compress(_ features: Span<UInt8>, capacity: Int) -> EncodedFeatures? {
    guard let context = unsafe context, capacity < features.count else { return nil }
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
      let size = unsafe features.withUnsafeBytes {
        unsafe ZSTD_compressCCtx(context, output.baseAddress, capacity, $0.baseAddress, $0.count, 1)
      }
      count = ZSTD_isError(size) == 0 ? size : 0
    }
    return bytes.isEmpty ? nil : EncodedFeatures(bytes: bytes, compressed: true)
  }
}
