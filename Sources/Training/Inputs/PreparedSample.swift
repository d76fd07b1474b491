package import ModelGraph

/// A sample as a model takes it, of one concept. What it lacks is nil.
package struct PreparedSample: Sendable {
  package let key: String
  /// The index of the concept in the set's description.
  package let concept: Int
  /// [size, size, 3], normalised.
  package var pixels: [Float]?
  /// A window of sound, normalised.
  package var samples: [Float]?
  package var tokens: [Int32]?
  /// What a teacher said of it, by the names of its outputs.
  package var teacher: [String: [Float]] = [:]

  package init(key: String, concept: Int, pixels: [Float]? = nil, samples: [Float]? = nil, tokens: [Int32]? = nil) {
    self.key = key
    self.concept = concept
    self.pixels = pixels
    self.samples = samples
    self.tokens = tokens
  }

  /// What it has.
  package var modalities: [Modality] {
    [(Modality.image, pixels != nil), (.sound, samples != nil), (.text, tokens != nil)].filter(\.1).map(\.0)
  }

  /// Without the other modalities.
  package func with(only modalities: Set<Modality>) -> PreparedSample {
    var part = self
    if !modalities.contains(.image) { part.pixels = nil }
    if !modalities.contains(.sound) { part.samples = nil }
    if !modalities.contains(.text) { part.tokens = nil }
    return part
  }
}
