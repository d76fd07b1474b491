package import ModelGraph

/// The sizes of CLIP's text tower. (Radford et al. 2021)
package struct ClipTextConfiguration: Hashable, Sendable {
  package let vocabulary: Int
  package let hidden: Int
  package let layers: Int
  package let heads: Int
  package let intermediate: Int
  package let positions: Int
  package let epsilon: Float
  package let activation: Activation

  package init(
    vocabulary: Int, hidden: Int, layers: Int, heads: Int, intermediate: Int, positions: Int, epsilon: Float = 1e-5,
    activation: Activation = .quickGelu
  ) {
    self.vocabulary = vocabulary
    self.hidden = hidden
    self.layers = layers
    self.heads = heads
    self.intermediate = intermediate
    self.positions = positions
    self.epsilon = epsilon
    self.activation = activation
  }
}

/// The sizes of CLIP: either tower may be missing; without a projection an embedding is as wide as its tower.
package struct ClipConfiguration: Hashable, Sendable {
  package let image: VisionConfiguration?
  package let text: ClipTextConfiguration?
  package let projection: Int?

  package init(image: VisionConfiguration?, text: ClipTextConfiguration?, projection: Int?) {
    self.image = image
    self.text = text
    self.projection = projection
  }

  /// What stands before a tower's names of segments and nodes.
  fileprivate func prefix(_ tower: String) -> String { image != nil && text != nil ? tower + "." : "" }

  fileprivate func output(_ tower: String) -> String { image != nil && text != nil ? tower + "-embedding" : "embedding" }
}

/// Adds CLIP: pixels [batch, size, size, 3] → `image-embedding`, tokens int32 [batch, sequence] → `text-embedding`, each [batch,
/// projection] of length 1; of one tower alone, `embedding`. Texts end in the end token, whose row is the text's. Parameters have the names
/// of Hugging Face. Both towers' first segments come first and their poolings last in one segment, so that every segment between ends in a
/// split point: `image.patches`, `text.embeddings`, `image.encoder.0` …, `text.encoder.0` …, `pooling`. (Radford et al. 2021)
package func clip(into builder: inout GraphBuilder, _ configuration: ClipConfiguration) -> [TensorID] {
  var encoder = EncoderBuilder(builder)
  let outputs = encoder.clip(configuration)
  builder = encoder.graph
  return outputs
}

extension EncoderBuilder {
  mutating func clip(_ configuration: ClipConfiguration) -> [TensorID] {
    var image = configuration.image.map { visionPatches(configuration.prefix("image"), $0, .clip) }
    var text = configuration.text.map { clipWords(configuration.prefix("text"), $0) }
    if let tower = configuration.image { image = image.map { visionLayers(configuration.prefix("image"), tower, .clip, $0) } }
    if let tower = configuration.text { text = text.map { clipLayers(configuration.prefix("text"), tower, $0) } }
    var outputs: [TensorID] = []
    if let tower = configuration.image, let image {
      let row = visionPooling(configuration.prefix("image") + "pooling", tower, .clip, image)
      outputs.append(clipEmbedding("image", "visual_projection", configuration, row))
    }
    if let tower = configuration.text, let text {
      outputs.append(clipEmbedding("text", "text_projection", configuration, clipPooling(configuration.prefix("text"), tower, text)))
    }
    endSegment("pooling")
    return outputs
  }

  private mutating func clipWords(_ prefix: String, _ configuration: ClipTextConfiguration) -> TensorID {
    let tokens = input("tokens", Shape([.batch, .sequence]), .int32)
    let source = "text_model.embeddings"
    let tables = [
      parameter("\(source).token_embedding.weight", [configuration.vocabulary, configuration.hidden]),
      parameter("\(source).position_embedding.weight", [configuration.positions, configuration.hidden]),
    ]
    let rows = node(
      "\(prefix)embeddings.lookup", .embedding, tokens, parameters: tables, shape: .rows(.sequence, configuration.hidden))
    return close("\(prefix)embeddings", rows)
  }

  private mutating func clipLayers(_ prefix: String, _ configuration: ClipTextConfiguration, _ input: TensorID) -> TensorID {
    let style = TransformerStyle(
      heads: configuration.heads, inner: configuration.intermediate, epsilon: configuration.epsilon,
      activation: configuration.activation, isNormFirst: true, isCausal: true)
    return (0..<configuration.layers).reduce(input) { rows, layer in
      let segment = "\(prefix)encoder.\(layer)"
      return close(segment, transformerLayer(segment, .clip("text_model.encoder.layers.\(layer)"), style, rows))
    }
  }

  private mutating func clipPooling(_ prefix: String, _ configuration: ClipTextConfiguration, _ rows: TensorID) -> TensorID {
    let last = pool("\(prefix)pooling.last", .last, rows)
    return layerNorm("\(prefix)pooling.norm", "text_model.final_layer_norm", last, epsilon: configuration.epsilon)
  }

  private mutating func clipEmbedding(_ tower: String, _ stem: String, _ configuration: ClipConfiguration, _ row: TensorID) -> TensorID {
    let name = configuration.prefix(tower) + "pooling.projection"
    let projected = configuration.projection.map { linear(name, stem, row, outputs: $0, hasBias: false) }
    return node(configuration.output(tower), .l2Normalize, projected ?? row)
  }
}

extension VisionNames {
  /// Of CLIP's image tower.
  static var clip: VisionNames {
    VisionNames(
      patches: "vision_model.embeddings.patch_embedding", hasPatchBias: false,
      positions: "vision_model.embeddings.position_embedding.weight", tokens: ["vision_model.embeddings.class_embedding"],
      firstNorm: "vision_model.pre_layrnorm", layer: { .clip("vision_model.encoder.layers.\($0)") }, norm: "vision_model.post_layernorm")
  }
}

extension TransformerNames {
  fileprivate static func clip(_ layer: String) -> TransformerNames {
    TransformerNames(
      projections: .separate(
        query: "\(layer).self_attn.q_proj", key: "\(layer).self_attn.k_proj", value: "\(layer).self_attn.v_proj"),
      output: "\(layer).self_attn.out_proj", attentionNorm: "\(layer).layer_norm1", up: "\(layer).mlp.fc1", down: "\(layer).mlp.fc2",
      norm: "\(layer).layer_norm2")
  }
}
