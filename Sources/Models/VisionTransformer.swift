package import ModelGraph

/// The sizes of a vision transformer. (Dosovitskiy et al. 2020; Touvron et al. 2020)
package struct VisionConfiguration: Hashable, Sendable {
  /// Pixels of an edge of the picture, and of a patch.
  package var imageSize: Int
  package var patchSize: Int
  package var hidden: Int
  package var layers: Int
  package var heads: Int
  /// Nil where the heads have the rows' width together.
  package var headWidth: Int?
  package var intermediate: Int
  package var epsilon: Float
  package var activation: Activation
  /// Rows before the patches: a class token, and of a distilled DeiT the teacher's.
  package var tokens: Int

  package init(
    imageSize: Int, patchSize: Int, hidden: Int, layers: Int, heads: Int, intermediate: Int, epsilon: Float = 1e-6,
    activation: Activation = .gelu, tokens: Int = 1, headWidth: Int? = nil
  ) {
    self.imageSize = imageSize
    self.patchSize = patchSize
    self.hidden = hidden
    self.layers = layers
    self.heads = heads
    self.headWidth = headWidth
    self.intermediate = intermediate
    self.epsilon = epsilon
    self.activation = activation
    self.tokens = tokens
  }

  var patches: Int { imageSize / patchSize * (imageSize / patchSize) }

  var style: TransformerStyle {
    TransformerStyle(
      heads: heads, headWidth: headWidth, inner: intermediate, epsilon: epsilon, activation: activation, isNormFirst: true)
  }
}

/// What becomes of the class token's row, which the last norm has passed.
package enum VisionHead: Hashable, Sendable {
  /// The row itself, scaled to length 1.
  case embedding
  /// The mean of all rows, where there is no class token, scaled to length 1.
  case meanEmbedding
  /// As many logits.
  case logits(Int)
  /// The mean of two classifiers' logits, the second over the teacher's row.
  case logitsOfTwo(Int)
}

/// Adds a vision transformer: pixels [batch, size, size, 3] → `embedding` [batch, hidden] or `logits` [batch, labels]. Parameters have the
/// names of Hugging Face. Segments are `patches`, `encoder.0` … and `pooling` or `head`; all but the last end in a split point.
package func visionTransformer(into builder: inout GraphBuilder, _ configuration: VisionConfiguration, head: VisionHead) -> TensorID {
  var encoder = EncoderBuilder(builder)
  let output = encoder.visionTransformer(configuration, .huggingFace(tokens: configuration.tokens), head: head)
  builder = encoder.graph
  return output
}

/// The names of a vision transformer's parameters in a checkpoint.
struct VisionNames {
  /// The stem of the patches' convolution.
  let patches: String
  var hasPatchBias = true
  let positions: String
  let tokens: [String]
  /// The stem of a norm before the first layer.
  var firstNorm: String?
  let layer: @Sendable (Int) -> TransformerNames
  let norm: String
  /// The stems of the classifiers.
  var heads: [String] = []
}

extension EncoderBuilder {
  mutating func visionTransformer(_ configuration: VisionConfiguration, _ names: VisionNames, head: VisionHead) -> TensorID {
    let patches = visionPatches("", configuration, names)
    let rows = visionLayers("", configuration, names, patches)
    switch head {
    case .embedding:
      let pooled = visionPooling("pooling", configuration, names, rows)
      return ended("pooling", node("embedding", .l2Normalize, pooled))
    case .meanEmbedding:
      let normal = layerNorm("pooling.norm", names.norm, rows, epsilon: configuration.epsilon)
      return ended("pooling", node("embedding", .l2Normalize, pool("pooling.mean", .mean, normal)))
    case .logits(let labels):
      let pooled = visionPooling("head", configuration, names, rows)
      return ended("head", linear("logits", names.heads[0], pooled, outputs: labels))
    case .logitsOfTwo(let labels):
      let normal = layerNorm("head.norm", names.norm, rows, epsilon: configuration.epsilon)
      return ended("head", twoHeads(names.heads, normal, labels: labels))
    }
  }

  private mutating func ended(_ segment: String, _ output: TensorID) -> TensorID {
    endSegment(segment)
    return output
  }

  /// Pixels → rows of tokens and patches. `prefix` stands before names of segments and nodes.
  mutating func visionPatches(_ prefix: String, _ configuration: VisionConfiguration, _ names: VisionNames) -> TensorID {
    let size = Window.Size(height: configuration.imageSize, width: configuration.imageSize)
    let pixels = input("pixels", .image(size, 3))
    let window = Window(configuration.patchSize, stride: configuration.patchSize)
    let image = convolution(
      "\(prefix)patches.convolution", names.patches, pixels, Convolution(window), outputs: configuration.hidden,
      hasBias: names.hasPatchBias)
    let count = configuration.tokens + configuration.patches
    let patches = node("\(prefix)patches.rows", .flatten, image, shape: .rows(.fixed(configuration.patches), configuration.hidden))
    let table = parameter(names.positions, [count, configuration.hidden], from: .table(names.positions, tokens: names.tokens))
    let rows = node(
      "\(prefix)patches.positions", .positions(prefix: configuration.tokens), patches, parameters: [table],
      shape: .rows(.fixed(count), configuration.hidden))
    let normal = names.firstNorm.map { layerNorm("\(prefix)patches.norm", $0, rows, epsilon: configuration.epsilon) }
    return close("\(prefix)patches", normal ?? rows)
  }

  mutating func visionLayers(
    _ prefix: String, _ configuration: VisionConfiguration, _ names: VisionNames, _ input: TensorID
  ) -> TensorID {
    (0..<configuration.layers).reduce(input) { rows, layer in
      let segment = "\(prefix)encoder.\(layer)"
      return close(segment, transformerLayer(segment, names.layer(layer), configuration.style, rows))
    }
  }

  /// The class token's row, after the last norm.
  mutating func visionPooling(_ name: String, _ configuration: VisionConfiguration, _ names: VisionNames, _ rows: TensorID) -> TensorID {
    let first = pool("\(name).first", .first, rows)
    return layerNorm("\(name).norm", names.norm, first, epsilon: configuration.epsilon)
  }

  /// Two classifiers over the first two rows are a convolution with two taps, of whose positions the first counts.
  private mutating func twoHeads(_ stems: [String], _ rows: TensorID, labels: Int) -> TensorID {
    let window = Window(signal: 2, stride: min(shape(rows).imageSize?.width ?? 1, Window.maximum))
    let both = convolution(
      "head.classifiers", stems[0], rows, Convolution(window), outputs: labels, kernel: .meanKernel(stems.map { "\($0).weight" }),
      bias: .meanBias(stems.map { "\($0).bias" }))
    return pool("logits", .first, both)
  }
}

extension VisionNames {
  /// Of ViT and DeiT, without the prefix `vit.` or `deit.`.
  static func huggingFace(tokens: Int) -> VisionNames {
    VisionNames(
      patches: "embeddings.patch_embeddings.projection", positions: "embeddings.position_embeddings",
      tokens: Array(["embeddings.cls_token", "embeddings.distillation_token"].prefix(tokens)), layer: huggingFaceLayer,
      norm: "layernorm", heads: ["classifier"])
  }

  @Sendable private static func huggingFaceLayer(_ index: Int) -> TransformerNames {
    let layer = "encoder.layer.\(index)"
    let attention = "\(layer).attention.attention"
    return TransformerNames(
      projections: .separate(query: "\(attention).query", key: "\(attention).key", value: "\(attention).value"),
      output: "\(layer).attention.output.dense", attentionNorm: "\(layer).layernorm_before", up: "\(layer).intermediate.dense",
      down: "\(layer).output.dense", norm: "\(layer).layernorm_after")
  }

  /// Of SigLIP's image encoder, without the prefix `vision_model.`: it has no class token. (Zhai et al. 2023)
  static let siglip = VisionNames(
    patches: "embeddings.patch_embedding", positions: "embeddings.position_embedding.weight", tokens: [], layer: siglipLayer,
    norm: "post_layernorm")

  @Sendable private static func siglipLayer(_ index: Int) -> TransformerNames {
    let layer = "encoder.layers.\(index)"
    let attention = "\(layer).self_attn"
    return TransformerNames(
      projections: .separate(query: "\(attention).q_proj", key: "\(attention).k_proj", value: "\(attention).v_proj"),
      output: "\(attention).out_proj", attentionNorm: "\(layer).layer_norm1", up: "\(layer).mlp.fc1", down: "\(layer).mlp.fc2",
      norm: "\(layer).layer_norm2")
  }

  static func timm(tokens: Int) -> VisionNames {
    VisionNames(
      patches: "patch_embed.proj", positions: "pos_embed", tokens: Array(["cls_token", "dist_token"].prefix(tokens)), layer: timmLayer,
      norm: "norm", heads: ["head", "head_dist"])
  }

  @Sendable private static func timmLayer(_ index: Int) -> TransformerNames {
    let layer = "blocks.\(index)"
    return TransformerNames(
      projections: .fused("\(layer).attn.qkv"), output: "\(layer).attn.proj", attentionNorm: "\(layer).norm1",
      up: "\(layer).mlp.fc1", down: "\(layer).mlp.fc2", norm: "\(layer).norm2")
  }
}
