import ModelGraph

/// How sound becomes the input `samples` [batch, samples, 1]: one channel, resampled, in windows of a fixed length.
package struct SoundInput: Sendable, Equatable {
  /// Samples a second.
  package var rate: Int
  /// Samples of a window.
  package var samples: Int
  /// Whether each window is brought to mean 0 and variance 1.
  package var isNormalized: Bool

  package init(rate: Int, samples: Int, isNormalized: Bool) {
    self.rate = rate
    self.samples = samples
    self.isNormalized = isNormalized
  }

  /// The rates that sounds can be brought to.
  package static let rates = 1000...384_000
}

/// The keys of a bundle's `SoundInput`.
package enum SoundKeys {
  static let prefix = "tributary.sound."
  package static let rate = "tributary.sound.rate"
  package static let samples = "tributary.sound.samples"
  package static let isNormalized = "tributary.sound.normalized"

  static let all = [rate, samples, isNormalized]
}

extension SoundInput {
  /// Nil where the header has none of the keys.
  init?(_ header: GGUFHeader, _ bytes: Span<UInt8>) throws(BundleError) {
    guard header.hasKeys(startingWith: SoundKeys.prefix) else { return nil }
    self.init(
      rate: try header.size(SoundKeys.rate, bytes), samples: try header.size(SoundKeys.samples, bytes),
      isNormalized: try header.bool(SoundKeys.isNormalized, bytes))
  }

  func add(to encoder: inout GGUFEncoder) {
    encoder.add(SoundKeys.rate, UInt32(rate))
    encoder.add(SoundKeys.samples, UInt32(samples))
    encoder.add(SoundKeys.isNormalized, isNormalized)
  }

  /// The key whose value is out of range or fits none of the graph's inputs.
  func unfitKey(_ graph: Graph) -> String? {
    guard Self.rates.contains(rate) else { return SoundKeys.rate }
    guard (1...Dimension.maximum).contains(samples), graph.hasInput(.rows(.fixed(samples), 1)) else { return SoundKeys.samples }
    return nil
  }
}
