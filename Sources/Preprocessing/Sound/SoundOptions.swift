/// How a sound becomes an input of a model: brought to a rate and a length, then a waveform or a spectrogram.
package struct SoundOptions: Sendable, Equatable {
  package enum Features: Sendable, Equatable {
    /// The samples themselves; `normalized` to mean 0 and variance 1 over those that are not padding, as `Wav2Vec2FeatureExtractor` does
    /// with an attention mask.
    case waveform(normalized: Bool)
    case logMel(MelOptions)
  }

  package static let maximumSamples = 1 << 23
  /// What Wav2Vec2 adds to a variance.
  private static let leastVariance = 1e-7

  /// Samples a second.
  package let rate: Int
  /// How long the input is: longer sounds are cut, shorter ones go on with silence.
  package let samples: Int
  package let features: Features

  /// - Throws: `badSampleRate`, or `badSoundOptions` where the length is not 1 to `maximumSamples` or not longer than a frame.
  package init(rate: Int, samples: Int, features: Features) throws(MediaError) {
    guard Sound.rates ~= rate else { throw .badSampleRate(rate) }
    guard 1...Self.maximumSamples ~= samples else { throw .badSoundOptions("\(samples) samples") }
    if case .logMel(let mel) = features, samples <= mel.frameLength {
      throw .badSoundOptions("\(samples) samples, no more than a frame of \(mel.frameLength)")
    }
    (self.rate, self.samples, self.features) = (rate, samples, features)
  }

  /// The input of the model: [samples], or [frames, bins] of the spectrogram.
  package func prepare(_ sound: Sound) throws(MediaError) -> [Float] {
    var signal = try sound.resampled(to: rate, limit: samples).samples
    if features == .waveform(normalized: true) { Self.normalize(&signal) }
    signal += [Float](repeating: 0, count: samples - signal.count)
    guard case .logMel(let mel) = features else { return signal }
    return MelSpectrogram(mel, rate: rate).features(of: signal)
  }

  private static func normalize(_ signal: inout [Float]) {
    guard !signal.isEmpty else { return }
    let mean = signal.reduce(0.0) { $0 + Double($1) } / Double(signal.count)
    let variance = signal.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(signal.count)
    let scale = 1 / (variance + leastVariance).squareRoot()
    for index in signal.indices { signal[index] = Float((Double(signal[index]) - mean) * scale) }
  }
}
