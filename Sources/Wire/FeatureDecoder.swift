#if !hasFeature(Embedded)
  import CZstd

  /// Gives back exactly the bytes that the bundle expects, or an error. Keeps its work memory from call to call.
  ///
  /// Only peers decode features: an embedded build leaves it out, and with it the decompressor.
  @safe package final class FeatureDecoder {
    private let context: OpaquePointer?

    package init() {
      unsafe context = ZSTD_createDCtx()
    }

    deinit {
      unsafe ZSTD_freeDCtx(context)
    }

    /// The features, `expected` bytes as the bundle says. Never more is allocated or written.
    package func decode(_ features: EncodedFeatures, expected: Int) throws(FeatureError) -> [UInt8] {
      guard features.compressed else {
        guard features.bytes.count == expected else { throw .size(found: features.bytes.count, expected: expected) }
        return features.bytes
      }
      let header = try ZstdFrameHeader(features.bytes)
      guard header.contentSize == UInt64(clamping: expected) else {
        throw .contentSize(found: header.contentSize, expected: expected)
      }
      try checkSingleFrame(features.bytes)
      return try decompress(features.bytes, expected: expected)
    }

    private func checkSingleFrame(_ bytes: [UInt8]) throws(FeatureError) {
      let size = unsafe bytes.withUnsafeBytes { unsafe ZSTD_findFrameCompressedSize($0.baseAddress, $0.count) }
      guard ZSTD_isError(size) == 0 else { throw .damaged }
      guard size == bytes.count else { throw .frameSize(found: bytes.count, expected: size) }
    }

    private func decompress(_ bytes: [UInt8], expected: Int) throws(FeatureError) -> [UInt8] {
      guard let context = unsafe context else { throw .outOfMemory }
      let output = unsafe [UInt8](unsafeUninitializedCapacity: expected) { output, count in
        let size = unsafe bytes.withUnsafeBytes {
          unsafe ZSTD_decompressDCtx(context, output.baseAddress, expected, $0.baseAddress, $0.count)
        }
        count = size == expected ? expected : 0
      }
      guard output.count == expected else { throw .damaged }
      return output
    }
  }
#endif
