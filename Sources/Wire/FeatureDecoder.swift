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

    /// The features, `expected` bytes as the bundle says. Never more is allocated or written. Of differences `base` are the features that
    /// they start from. Features that are only named cannot be decoded: the caller has them or not.
    package func decode(
      _ features: EncodedFeatures, expected: Int, dictionary: FeatureDictionary? = nil, base: [UInt8]? = nil
    ) throws(FeatureError) -> [UInt8] {
      switch features.encoding.form {
      case []:
        guard features.bytes.count == expected else { throw .size(found: features.bytes.count, expected: expected) }
        return features.bytes
      case .zstd: return try decode(features.bytes, expected: expected, dictionary: nil)
      case [.zstd, .dictionary]:
        guard let dictionary else { throw .unknownDictionary }
        return try decode(features.bytes, expected: expected, dictionary: dictionary)
      case [.zstd, .delta]:
        guard features.base != nil, let base, base.count == expected else { throw .unknownBase }
        var values = try decode(Array(features.bytes.dropFirst(EncodedFeatures.deltaPrefix)), expected: expected, dictionary: nil)
        for index in values.indices { values[index] &+= base[index] }
        return values
      default: throw .unknownBase
      }
    }

    private func decode(_ frame: [UInt8], expected: Int, dictionary: FeatureDictionary?) throws(FeatureError) -> [UInt8] {
      let header = try ZstdFrameHeader(frame)
      guard header.contentSize == UInt64(clamping: expected) else {
        throw .contentSize(found: header.contentSize, expected: expected)
      }
      guard header.dictionary == dictionary?.id ?? 0 else { throw .unknownDictionary }
      try checkSingleFrame(frame)
      return try decompress(frame, expected: expected, dictionary: dictionary)
    }

    private func checkSingleFrame(_ bytes: [UInt8]) throws(FeatureError) {
      let size = unsafe bytes.withUnsafeBytes { unsafe ZSTD_findFrameCompressedSize($0.baseAddress, $0.count) }
      guard ZSTD_isError(size) == 0 else { throw .damaged }
      guard size == bytes.count else { throw .frameSize(found: bytes.count, expected: size) }
    }

    private func decompress(_ bytes: [UInt8], expected: Int, dictionary: FeatureDictionary?) throws(FeatureError) -> [UInt8] {
      guard let context = unsafe context else { throw .outOfMemory }
      let output = unsafe [UInt8](unsafeUninitializedCapacity: expected) { output, count in
        let size = unsafe bytes.withUnsafeBytes {
          if let dictionary {
            unsafe ZSTD_decompress_usingDDict(
              context, output.baseAddress, expected, $0.baseAddress, $0.count, dictionary.decompression)
          } else {
            unsafe ZSTD_decompressDCtx(context, output.baseAddress, expected, $0.baseAddress, $0.count)
          }
        }
        count = size == expected ? expected : 0
      }
      guard output.count == expected else { throw .damaged }
      return output
    }
  }

  /// A bundle's dictionary, made ready for decoding; any number of decoders may use it at once.
  @safe package final class FeatureDictionary: @unchecked Sendable {
    let decompression: OpaquePointer
    /// The number that frames made with it carry; not 0.
    let id: UInt32

    /// Nil where the bytes are no zstd dictionary.
    package init?(_ bytes: [UInt8]) {
      id = unsafe bytes.withUnsafeBytes { unsafe ZSTD_getDictID_fromDict($0.baseAddress, $0.count) }
      let made = unsafe bytes.withUnsafeBytes { unsafe ZSTD_createDDict($0.baseAddress, $0.count) }
      guard id != 0, let made = unsafe made else {
        unsafe ZSTD_freeDDict(made)
        return nil
      }
      unsafe decompression = made
    }

    deinit {
      unsafe ZSTD_freeDDict(decompression)
    }
  }
#endif
