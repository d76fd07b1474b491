import CZstd
import Wire

/// Trains zstd dictionaries for the features at a model's split points (COVER, as libzstd's dictionary builder has it).
package enum FeatureDictionaryTraining {
  /// Bytes of a dictionary: features are some kilobytes, and devices keep it in memory.
  private static let size = 16 << 10
  /// Of that many samples one is kept to measure with.
  private static let heldOut = 4
  /// What a dictionary must save on the samples held out, to be worth its place: a part in so many.
  private static let leastSaving = 50

  /// A dictionary made from three of four samples; none where it would save little on the fourth.
  package static func train(_ samples: [[UInt8]]) -> [UInt8] {
    let known = samples.indices.filter { $0 % heldOut != 0 }.map { samples[$0] }
    let unknown = samples.indices.filter { $0 % heldOut == 0 }.map { samples[$0] }
    let dictionary = build(known)
    guard !dictionary.isEmpty else { return [] }
    let without = bytes(of: unknown, with: FeatureEncoder())
    let saved = without - bytes(of: unknown, with: FeatureEncoder(dictionary: dictionary))
    return saved * leastSaving >= without ? dictionary : []
  }

  private static func bytes(of samples: [[UInt8]], with encoder: FeatureEncoder) -> Int {
    samples.reduce(0) { $0 + encoder.encode($1).bytes.count }
  }

  private static func build(_ samples: [[UInt8]]) -> [UInt8] {
    let all = samples.flatMap { $0 }
    let sizes = samples.map { $0.count }
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      let made = ZDICT_trainFromBuffer(buffer.baseAddress, size, all, sizes, UInt32(sizes.count))
      count = ZDICT_isError(made) == 0 ? made : 0
    }
  }
}
