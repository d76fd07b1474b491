package import ModelGraph
package import Randomness

/// What becomes of a modality that is damaged on its way: a picture half of which is covered and all of which is noisy, a sound in noise
/// that is louder than it, a text most of whose words are lost.
package struct Corruption: Sendable {
  /// Deviations of the noise, where the input's own is about 1.
  private static let pictureNoise: Float = 1
  private static let soundNoise: Float = 2
  /// How likely a token is lost.
  private static let lostTokens: Float = 0.7

  /// The token that stands for lost ones.
  private let unknown: Int32

  package init(unknown: Int32) { self.unknown = unknown }

  /// The same damage for the same sample.
  package func apply(to sample: PreparedSample, _ modality: Modality, seed: UInt64) -> PreparedSample {
    var random = CounterRandom(seed: seed, stream: sample.key.utf8.reduce(7 as UInt64) { $0 &* 131 &+ UInt64($1) })
    return apply(to: sample, modality, &random)
  }

  package func apply(to sample: PreparedSample, _ modality: Modality, _ random: inout CounterRandom) -> PreparedSample {
    var damaged = sample
    switch modality {
    case .image: damaged.pixels = sample.pixels.map { Self.damaged(pixels: $0, &random) }
    case .sound: damaged.samples = sample.samples.map { samples in samples.map { $0 + Self.soundNoise * random.normal() } }
    case .text:
      damaged.tokens = sample.tokens.map { tokens in
        tokens.enumerated().map { place, token in
          let isInside = place > 0 && place < tokens.count - 1
          return isInside && random.uniform() < Self.lostTokens ? unknown : token
        }
      }
    }
    return damaged
  }

  /// Covers the upper or the lower half with grey, and adds noise everywhere.
  private static func damaged(pixels: [Float], _ random: inout CounterRandom) -> [Float] {
    let isUpper = random.uniform() < 0.5
    return pixels.enumerated().map { place, value in
      let isCovered = (place < pixels.count / 2) == isUpper
      return (isCovered ? 0 : value) + pictureNoise * random.normal()
    }
  }
}
