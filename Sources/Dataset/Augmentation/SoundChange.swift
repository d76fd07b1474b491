import CMath
package import Preprocessing
import Randomness

/// How a recording is changed: speed, place, loudness, noise.
package struct SoundChange: Hashable, Sendable {
  /// What a speed of 1 counts as.
  static let speedUnit = 20

  /// The speed in twentieths; the pitch goes with it.
  package var speed = speedUnit
  /// How far it moves, in seconds: silence before it, or its beginning cut off where negative. It keeps its length.
  package var shift: Float = 0
  /// Decibels.
  package var gain: Float = 0
  /// White noise: how many decibels the recording is above it; nil for none.
  package var noise: Float?
  /// What the noise is drawn with.
  package var noiseSeed: UInt64 = 0

  /// No change.
  package init() {}

  /// - Throws: `badSampleRate` where the speed makes a rate that is not supported.
  package func apply(to sound: Sound) throws(MediaError) -> Sound {
    let paced = try Sound(rate: sound.rate * speed / Self.speedUnit, samples: sound.samples).resampled(to: sound.rate)
    var samples = moved(paced)
    let factor = amplitude(gain)
    for index in samples.indices { samples[index] *= factor }
    if let noise { addNoise(ratio: noise, to: &samples) }
    return try Sound(rate: sound.rate, samples: samples)
  }

  private func moved(_ sound: Sound) -> [Float] {
    let distance = Int(shift * Float(sound.rate))
    let (silence, cut) = (min(sound.samples.count, max(0, distance)), min(sound.samples.count, max(0, -distance)))
    let rest = sound.samples.dropFirst(cut).prefix(sound.samples.count - silence)
    return [Float](repeating: 0, count: silence) + rest + [Float](repeating: 0, count: cut)
  }

  private func addNoise(ratio: Float, to samples: inout [Float]) {
    guard !samples.isEmpty else { return }
    let power = samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(samples.count)
    let deviation = Float(power.squareRoot()) * amplitude(-ratio)
    var random = CounterRandom(seed: noiseSeed)
    for index in samples.indices { samples[index] += deviation * random.normal() }
  }

  private func amplitude(_ decibels: Float) -> Float { Float(exp(Double(decibels) * log(10) / 20)) }
}
