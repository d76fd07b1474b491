package import ModelGraph

/// The sizes of a model of several modalities: an encoder for each, whose rows a fusion reads.
package struct MultimodalConfiguration: Hashable, Sendable {
  /// The encoder of a modality, which makes rows of its input.
  package enum Encoder: Hashable, Sendable {
    case vision(VisionConfiguration)
    case mobileNet(MobileNetConfiguration)
    case wav2vec2(Wav2Vec2Configuration, samples: Int)
    /// `longest` is the most tokens of a text.
    case bert(BertConfiguration, longest: Int)
  }

  /// What makes rows narrower and fewer before they cross to the fusion: a product over each `merged` rows that follow each other.
  package struct Bottleneck: Hashable, Sendable {
    package var width: Int
    package var merged: Int

    package init(width: Int, merged: Int = 1) {
      self.width = width
      self.merged = merged
    }
  }

  package struct Tower: Hashable, Sendable {
    package var encoder: Encoder
    /// Nil where rows cross as they are.
    package var bottleneck: Bottleneck?

    package init(encoder: Encoder, bottleneck: Bottleneck? = nil) {
      self.encoder = encoder
      self.bottleneck = bottleneck
    }
  }

  /// Of different modalities.
  package var towers: [Tower]
  /// The width of the space in which all modalities have embeddings. A tower of that width has no projection to it.
  package var embedding: Int
  /// Over the rows of all; its outputs are logits. Nil where there is none.
  package var fusion: FusionConfiguration?
  /// Layers before those of the fusion in which each modality keeps its own rows and looks at those of the others.
  package var crossLayers: Int
  /// The local fusion.
  package var local: FusionConfiguration?
  /// The shares of bottlenecks' columns that are trained to be enough, ascending, between 0 and 1.
  package var rates: [Double]

  package init(
    towers: [Tower], embedding: Int, fusion: FusionConfiguration? = nil, crossLayers: Int = 0, local: FusionConfiguration? = nil,
    rates: [Double] = []
  ) {
    self.towers = towers
    self.embedding = embedding
    self.fusion = fusion
    self.crossLayers = crossLayers
    self.local = local
    self.rates = rates
  }
}

extension MultimodalConfiguration.Encoder {
  package var modality: Modality {
    switch self {
    case .vision, .mobileNet: .image
    case .wav2vec2: .sound
    case .bert: .text
    }
  }
}

extension MultimodalConfiguration {
  /// The part of it that has those modalities, and a fusion and a local fusion only where they are wanted. Names stay what they are.
  package func limited(to modalities: Set<Modality>, hasFusion: Bool, hasLocal: Bool) -> MultimodalConfiguration {
    var part = self
    part.towers = towers.filter { modalities.contains($0.encoder.modality) }
    if !hasFusion { part.fusion = nil }
    if !hasLocal { part.local = nil }
    return part
  }

  /// The longest text; 1 without texts.
  package var longest: Int {
    for case .bert(_, let longest) in towers.map(\.encoder) { return longest }
    return 1
  }
}
