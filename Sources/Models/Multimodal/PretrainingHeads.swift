package import ModelGraph

/// What a task of a pretraining predicts with; no device needs it.
package enum PretrainingHead: Hashable, Sendable {
  /// The pixels of each patch, from the image's rows.
  case patches
  /// A spectrum for each row of sound.
  case spectra
  /// Tokens, from the fused rows of the text.
  case tokens
  /// Whether the modalities of an example belong together, from the fusion's summary.
  case matching
  /// The next token of a text about image and sound.
  case caption
  /// The rows of a teacher's layer, from those of a layer.
  case layer(LayerHead)
}

/// A product over the rows that a transformer's layer makes.
package struct LayerHead: Hashable, Sendable {
  package let modality: Modality
  /// The layer, counted from 1; 0 for what goes into the first.
  package let layer: Int
  /// What it tells of the teacher, and the width of that.
  package let target: LayerOutput
  package let width: Int

  package init(layer: Int, target: LayerOutput, width: Int) {
    (self.modality, self.layer, self.target, self.width) = (target.modality, layer, target, width)
  }
}

package struct PretrainingTensors: Sendable {
  /// [batch, patches (and tokens before them), 3 · patch²]
  package var patches: TensorID?
  /// [batch, rows, `spectrumWidth`]
  package var spectra: TensorID?
  /// Rows of all modalities in the width of the text's token table, with which they are multiplied: [batch, rows, width]
  package var tokens: TensorID?
  /// [batch, 2], the second for what belongs together.
  package var matching: TensorID?
  /// Rows that are multiplied with the table `captionTable`: [batch, sequence, width]
  package var caption: TensorID?

  /// [batch, rows, width of the teacher's]
  package var layers: [LayerHead: TensorID] = [:]

  package var all: [TensorID] {
    [patches, spectra, tokens, matching, caption].compactMap { $0 } + layers.values.sorted { $0.index < $1.index }
  }

  /// Numbers of a spectrum.
  package static let spectrumWidth = 40
  /// The names of the token tables that rows are multiplied with.
  package static let tokenTable = "text.embeddings.word_embeddings.weight"
  package static let captionTable = "caption.words"
}

extension EncoderBuilder {
  /// Those over an encoder's rows.
  mutating func addHeads(
    _ heads: Set<PretrainingHead>, over encoder: MultimodalConfiguration.Encoder, _ rows: TensorID, _ tensors: inout MultimodalTensors
  ) {
    switch encoder {
    case .vision(let vision) where heads.contains(.patches):
      tensors.heads.patches = linear("patch-pixels", "patches.head", rows, outputs: 3 * vision.patchSize * vision.patchSize)
    case .wav2vec2 where heads.contains(.spectra):
      tensors.heads.spectra = linear("spectra", "spectra.head", rows, outputs: PretrainingTensors.spectrumWidth)
    case .vision, .mobileNet, .wav2vec2, .bert: break
    }
    let places = heads.compactMap { if case .layer(let head) = $0, head.modality == encoder.modality { head } else { nil } }
    guard !places.isEmpty, let layers = layers(of: encoder.modality) else { return }
    for head in places.sorted(by: { ($0.layer, $0.target.layer) < ($1.layer, $1.target.layer) }) {
      let name = "layers.\(head.layer).\(head.target.layer)"
      tensors.heads.layers[head] = layers[.rows, head.layer].map { linear(name, "\(name).head", $0, outputs: head.width) }
    }
  }

  /// Those over the fusion, or over what crosses to it.
  mutating func addHeads(_ heads: Set<PretrainingHead>, _ configuration: MultimodalConfiguration, _ tensors: inout MultimodalTensors) {
    for case .bert(let bert, _) in configuration.towers.map(\.encoder) where heads.contains(.tokens) {
      tensors.heads.tokens = tensors.fused.map { fused in
        let wide = linear("tokens.transform", "tokens.transform", fused, outputs: bert.hidden)
        let active = node("tokens.gelu", .activation(.gelu), wide)
        return layerNorm("tokens.rows", "tokens.norm", active, epsilon: bert.epsilon)
      }
    }
    if heads.contains(.matching) {
      tensors.heads.matching = tensors.summary.map { linear("matching", "matching.head", $0, outputs: 2) }
    }
    if heads.contains(.caption) { tensors.heads.caption = caption(configuration, tensors) }
  }

  /// A decoder whose words look at those before them, and at the rows of image and sound.
  private mutating func caption(_ configuration: MultimodalConfiguration, _ tensors: MultimodalTensors) -> TensorID? {
    let seen = [Modality.image, .sound].compactMap { tensors.crossing[$0] }
    guard let fusion = configuration.fusion, !seen.isEmpty, let words = captionWords(configuration, fusion) else { return nil }
    return scoped("caption") { builder in
      let streams = seen.enumerated().map { builder.linear("seen.\($0)", "seen.\($0)", $1, outputs: fusion.width) }
      let counts = streams.map { builder.shape($0).rowCount(sequence: 1) ?? 0 }
      let keys =
        streams.count == 1
        ? streams[0] : builder.concatenate("seen", streams, shape: .rows(.fixed(counts.reduce(0, +)), fusion.width))
      let rows = (0..<2).reduce(words) { builder.captionLayer("\($1)", "layers.\($1)", fusion, $0, seen: keys) }
      return builder.layerNorm("said", "norm", rows, epsilon: fusion.epsilon)
    }
  }

  private mutating func captionWords(_ configuration: MultimodalConfiguration, _ fusion: FusionConfiguration) -> TensorID? {
    for case .bert(let bert, let longest) in configuration.towers.map(\.encoder) {
      let tables = [
        parameter(PretrainingTensors.captionTable, [bert.vocabulary, fusion.width]),
        parameter("caption.positions", [longest, fusion.width]),
      ]
      return tokens.map {
        node("caption.lookup", .embedding, $0, parameters: tables, shape: .rows(.sequence, fusion.width))
      }
    }
    return nil
  }
}
