/// How a sound becomes a log-mel spectrogram.
package struct MelOptions: Sendable, Equatable {
  package enum Style: Sendable, Equatable {
    /// As `WhisperFeatureExtractor`: frames around each hop of the sound, which is mirrored at its ends; a periodic Hann window; filters of
    /// the Slaney scale, of equal area; log₁₀, no less than 8 below the greatest value; then (x + 4) ÷ 4. The last frame is left off.
    case whisper
    /// As `ASTFeatureExtractor` without torchaudio, after Kaldi's fbank: frames inside the sound, their mean taken off, pre-emphasis of
    /// 0.97, a symmetric Hann window; filters of the Kaldi scale from 20 Hz; ln; frames of 0 up to `frames`; then
    /// (x − mean) ÷ (2 × deviation).
    case kaldi(frames: Int, mean: Float, deviation: Float)
  }

  package static let maximumSize = 4096
  package static let maximumBins = 512

  package let style: Style
  /// The mel filters: the values of a frame.
  package let bins: Int
  /// Samples that a frame sees.
  package let frameLength: Int
  /// Samples from a frame to the next.
  package let hop: Int
  /// The size of the Fourier transform, `frameLength` or more.
  package let transformSize: Int

  /// - Throws: `badSoundOptions` where a number is out of range.
  package init(style: Style, bins: Int, frameLength: Int, hop: Int, transformSize: Int) throws(MediaError) {
    guard 1...Self.maximumBins ~= bins else { throw .badSoundOptions("\(bins) mel filters") }
    guard 2...Self.maximumSize ~= frameLength, frameLength...Self.maximumSize ~= transformSize else {
      throw .badSoundOptions("frames of \(frameLength) samples in transforms of \(transformSize)")
    }
    guard 1...Self.maximumSize ~= hop else { throw .badSoundOptions("a hop of \(hop) samples") }
    if case .kaldi(let frames, let mean, let deviation) = style {
      guard 1...1 << 16 ~= frames else { throw .badSoundOptions("\(frames) frames") }
      guard mean.isFinite, deviation.isFinite, deviation > 0 else { throw .badSoundOptions("a mean or deviation of no use") }
    }
    (self.style, self.bins, self.frameLength, self.hop, self.transformSize) = (style, bins, frameLength, hop, transformSize)
  }

  /// The parameters of the Whisper models, for sounds of 16 kHz.
  package static func whisper(bins: Int = 80) throws(MediaError) -> MelOptions {
    try MelOptions(style: .whisper, bins: bins, frameLength: 400, hop: 160, transformSize: 400)
  }

  /// The parameters of the Audio Spectrogram Transformer trained on AudioSet, for sounds of 16 kHz.
  package static func audioSpectrogramTransformer() throws(MediaError) -> MelOptions {
    try MelOptions(
      style: .kaldi(frames: 1024, mean: -4.2677393, deviation: 4.5689974), bins: 128, frameLength: 400, hop: 160, transformSize: 512)
  }
}
