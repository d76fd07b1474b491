package import BundleFormat
package import Preprocessing

extension ImageOptions {
  /// How a device prepares pictures for that input.
  package init(_ input: ImageInput) throws(MediaError) {
    try self.init(
      width: input.width, height: input.height, shortestEdge: input.shortestEdge, isBicubic: input.filter == .bicubic, mean: input.mean,
      deviation: input.deviation)
  }
}

extension SoundOptions {
  /// How a device prepares sounds for that input.
  package init(_ input: SoundInput) throws(MediaError) {
    try self.init(rate: input.rate, samples: input.samples, features: .waveform(normalized: input.isNormalized))
  }
}
