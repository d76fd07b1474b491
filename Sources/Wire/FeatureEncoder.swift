import CZstd

/// Makes features small. Keeps its work memory from call to call; one for each session.
@safe package final class FeatureEncoder {
  /// Speed before size: a device has little time, and higher levels win little on features.
  private static let level: Int32 = 1

  private let context: OpaquePointer?
  private let dictionary: OpaquePointer?
  private var differences: [UInt8] = []

  /// With the bundle's dictionary; empty where it has none.
  package init(dictionary bytes: [UInt8] = []) {
    unsafe context = ZSTD_createCCtx()
    unsafe dictionary =
      bytes.isEmpty ? nil : unsafe bytes.withUnsafeBytes { unsafe ZSTD_createCDict($0.baseAddress, $0.count, Self.level) }
  }

  deinit {
    unsafe ZSTD_freeCDict(dictionary)
    unsafe ZSTD_freeCCtx(context)
  }

  /// The smallest body: the features as they are, compressed where that saves at least a sixteenth, or the differences from the features
  /// of an earlier request.
  package func encode(_ features: [UInt8], base: (request: UInt32, features: [UInt8])? = nil) -> EncodedFeatures {
    var best = EncodedFeatures(bytes: features, encoding: [])
    let goal = features.count - features.count / 16
    let hasDictionary = unsafe dictionary != nil
    if let frame = compress(features, capacity: goal, withDictionary: hasDictionary) {
      best = EncodedFeatures(bytes: frame, encoding: hasDictionary ? [.zstd, .dictionary] : .zstd)
    }
    guard let base, base.features.count == features.count else { return best }
    differences.removeAll(keepingCapacity: true)
    for index in features.indices { differences.append(features[index] &- base.features[index]) }
    let room = min(goal, best.bytes.count - 1) - EncodedFeatures.deltaPrefix
    guard let frame = compress(differences, capacity: room, withDictionary: false) else { return best }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(EncodedFeatures.deltaPrefix + frame.count)
    bytes.appendLittleEndian(base.request)
    return EncodedFeatures(bytes: bytes + frame, encoding: [.zstd, .delta])
  }

  /// One frame of at most `capacity` bytes; nil where it would be larger.
  private func compress(_ bytes: [UInt8], capacity: Int, withDictionary: Bool) -> [UInt8]? {
    guard let context = unsafe context, capacity > 0, capacity < bytes.count else { return nil }
    let frame = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
      let size = unsafe bytes.withUnsafeBytes {
        if withDictionary {
          unsafe ZSTD_compress_usingCDict(context, output.baseAddress, capacity, $0.baseAddress, $0.count, dictionary)
        } else {
          unsafe ZSTD_compressCCtx(context, output.baseAddress, capacity, $0.baseAddress, $0.count, Self.level)
        }
      }
      count = ZSTD_isError(size) == 0 ? size : 0
    }
    return frame.isEmpty ? nil : frame
  }
}
