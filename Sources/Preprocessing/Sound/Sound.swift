/// A sound of one channel.
package struct Sound: Sendable, Equatable {
  /// The sample rates that are supported.
  package static let rates = 1000...384_000
  /// The most samples that a sound may have, unless the caller says otherwise: ten minutes at 48 kHz.
  package static let maximumSamples = 28_800_000

  /// Samples a second.
  package let rate: Int
  /// Full scale is −1 to 1; sounds of floats may pass it.
  package let samples: [Float]

  /// - Throws: `badSampleRate` for a rate outside `rates`, and `notFinite`.
  package init(rate: Int, samples: [Float]) throws(MediaError) {
    guard Self.rates ~= rate else { throw .badSampleRate(rate) }
    for index in samples.indices where !samples[index].isFinite { throw .notFinite(sample: index) }
    self.rate = rate
    self.samples = samples
  }

  /// A sound of one channel as bare samples of 16 bits, little end first.
  package init(pcm16 bytes: Span<UInt8>, rate: Int, maximumSamples: Int = maximumSamples) throws(MediaError) {
    if bytes.isEmpty { throw .empty }
    guard bytes.count.isMultiple(of: 2) else { throw .truncatedSound(found: bytes.count, expected: bytes.count + 1) }
    guard bytes.count / 2 <= maximumSamples else { throw .soundTooLong(samples: bytes.count / 2, limit: maximumSamples) }
    try self.init(
      rate: rate,
      samples: stride(from: 0, to: bytes.count, by: 2).map {
        Float(Int16(truncatingIfNeeded: Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8)) / 32768
      })
  }
}
