package import ModelGraph

/// The sizes of a Wav2Vec2 encoder. (Baevski et al. 2020)
package struct Wav2Vec2Configuration: Hashable, Sendable {
  /// A convolution of the feature extractor.
  package struct Layer: Hashable, Sendable {
    package let width: Int
    package let kernel: Int
    package let stride: Int

    package init(width: Int, kernel: Int, stride: Int) {
      self.width = width
      self.kernel = kernel
      self.stride = stride
    }
  }

  /// The norms of the feature extractor.
  package enum Norm: String, Hashable, Sendable, CaseIterable {
    /// Each channel over time, behind the first convolution only.
    case group
    /// Over channels, behind each convolution.
    case layer
  }

  package let features: [Layer]
  package let norm: Norm
  package let hasFeatureBias: Bool
  package let hidden: Int
  package let layers: Int
  package let heads: Int
  /// Nil where the heads have the rows' width together.
  package let headWidth: Int?
  package let intermediate: Int
  /// Taps and groups of the convolution that tells positions.
  package let positionKernel: Int
  package let positionGroups: Int
  /// Whether norms stand before attention and feed-forward parts.
  package let isNormFirst: Bool
  package let epsilon: Float

  package init(
    features: [Layer], norm: Norm, hasFeatureBias: Bool, hidden: Int, layers: Int, heads: Int, intermediate: Int,
    positionKernel: Int = 128, positionGroups: Int = 16, isNormFirst: Bool, epsilon: Float = 1e-5, headWidth: Int? = nil
  ) {
    self.features = features
    self.norm = norm
    self.hasFeatureBias = hasFeatureBias
    self.hidden = hidden
    self.layers = layers
    self.heads = heads
    self.headWidth = headWidth
    self.intermediate = intermediate
    self.positionKernel = positionKernel
    self.positionGroups = positionGroups
    self.isNormFirst = isNormFirst
    self.epsilon = epsilon
  }

  fileprivate var style: TransformerStyle {
    TransformerStyle(heads: heads, headWidth: headWidth, inner: intermediate, epsilon: epsilon, isNormFirst: isNormFirst)
  }
}

/// What becomes of the rows.
package enum Wav2Vec2Head: Hashable, Sendable {
  /// Their mean, of length 1.
  case embedding
  /// Logits of the mean of projected rows.
  case logits(projection: Int, labels: Int)
  /// Logits of each row.
  case characters(Int)
}

/// How the positional convolution's weight norm is spelt.
enum WeightNormNames: Hashable {
  case magnitudeAndDirection
  /// Of PyTorch's parametrizations.
  case originals
}

/// Adds a Wav2Vec2 encoder: samples [batch, samples, 1] → `embedding` [batch, hidden], or `logits` [batch, labels], or of each row [batch,
/// positions, labels]. Parameters have the names of Hugging Face. Segments are `features`, `positions`, `encoder.0` … and `pooling` or
/// `head`; all but the last end in a split point. (Baevski et al. 2020)
package func wav2vec2(
  into builder: inout GraphBuilder, _ configuration: Wav2Vec2Configuration, samples: Int, head: Wav2Vec2Head
) -> TensorID {
  var encoder = EncoderBuilder(builder)
  let output = encoder.wav2vec2(configuration, samples: samples, head: head)
  builder = encoder.graph
  return output
}

extension EncoderBuilder {
  mutating func wav2vec2(
    _ configuration: Wav2Vec2Configuration, samples: Int, head: Wav2Vec2Head, weightNorm: WeightNormNames = .originals
  ) -> TensorID {
    let rows = soundLayers(configuration, weightNorm, soundFeatures(configuration, samples: samples))
    return soundHead(head, configuration, rows)
  }

  /// Features → rows of the last layer.
  mutating func soundLayers(
    _ configuration: Wav2Vec2Configuration, _ weightNorm: WeightNormNames, _ features: TensorID
  ) -> TensorID {
    let positions = close("positions", soundPositions(configuration, weightNorm, features))
    return (0..<configuration.layers).reduce(positions) { rows, layer in
      let segment = "encoder.\(layer)"
      return close(segment, transformerLayer(segment, .wav2vec2("encoder.layers.\(layer)"), configuration.style, rows))
    }
  }

  /// Samples → rows of the last convolution's width.
  mutating func soundFeatures(_ configuration: Wav2Vec2Configuration, samples: Int) -> TensorID {
    var rows = input("samples", .rows(.fixed(samples), 1))
    for (index, layer) in configuration.features.enumerated() {
      let (name, stem) = ("features.\(index)", "feature_extractor.conv_layers.\(index)")
      let window = Window(signal: layer.kernel, stride: layer.stride)
      rows = convolution(
        "\(name).convolution", "\(stem).conv", rows, Convolution(window), outputs: layer.width, hasBias: configuration.hasFeatureBias)
      switch configuration.norm {
      case .layer: rows = layerNorm("\(name).norm", "\(stem).layer_norm", rows, epsilon: 1e-5)
      case .group: if index == 0 { rows = channelNorm("\(name).norm", "\(stem).layer_norm", rows, epsilon: 1e-5) }
      }
      rows = node("\(name).gelu", .activation(.gelu), rows)
    }
    return close("features", rows)
  }

  private mutating func channelNorm(_ name: String, _ stem: String, _ input: TensorID, epsilon: Float) -> TensorID {
    let parameters = [parameter("\(stem).weight", [width(input)]), parameter("\(stem).bias", [width(input)])]
    return node(name, .channelNorm(epsilon: epsilon), input, parameters: parameters)
  }

  /// Features → rows of the encoder, with their places in time by a convolution.
  private mutating func soundPositions(
    _ configuration: Wav2Vec2Configuration, _ weightNorm: WeightNormNames, _ features: TensorID
  ) -> TensorID {
    let normal = layerNorm("positions.features", "feature_projection.layer_norm", features, epsilon: configuration.epsilon)
    let rows = linear("positions.projection", "feature_projection.projection", normal, outputs: configuration.hidden)
    let codes = node("positions.codes", .quantize, rows)
    let taps = configuration.positionKernel
    let window = Window(signal: taps, before: taps / 2, after: (taps - 1) / 2)
    let stem = "encoder.pos_conv_embed.conv"
    let places = convolution(
      "positions.convolution", stem, codes, Convolution(window, groups: configuration.positionGroups), outputs: configuration.hidden,
      kernel: weightNorm.kernel(stem))
    let active = node("positions.gelu", .activation(.gelu), places)
    let sum = node("positions.sum", .add, rows, active)
    guard !configuration.isNormFirst else { return sum }
    return layerNorm("positions.norm", "encoder.layer_norm", sum, epsilon: configuration.epsilon)
  }

  /// The norm behind the last layer, where layers have theirs first.
  mutating func soundNorm(_ segment: String, _ configuration: Wav2Vec2Configuration, _ rows: TensorID) -> TensorID {
    guard configuration.isNormFirst else { return rows }
    return layerNorm("\(segment).norm", "encoder.layer_norm", rows, epsilon: configuration.epsilon)
  }

  private mutating func soundHead(_ head: Wav2Vec2Head, _ configuration: Wav2Vec2Configuration, _ input: TensorID) -> TensorID {
    let segment = head == .embedding ? "pooling" : "head"
    let rows = soundNorm(segment, configuration, input)
    defer { endSegment(segment) }
    switch head {
    case .embedding: return node("embedding", .l2Normalize, pool("pooling.mean", .mean, rows))
    case .logits(let projection, let labels):
      let projected = linear("head.projection", "projector", rows, outputs: projection)
      return linear("logits", "classifier", pool("head.mean", .mean, projected), outputs: labels)
    case .characters(let labels): return linear("logits", "lm_head", rows, outputs: labels)
    }
  }
}

extension WeightNormNames {
  fileprivate func kernel(_ stem: String) -> ParameterSource {
    switch self {
    case .magnitudeAndDirection: .normalizedKernel(magnitude: "\(stem).weight_g", direction: "\(stem).weight_v")
    case .originals:
      .normalizedKernel(
        magnitude: "\(stem).parametrizations.weight.original0", direction: "\(stem).parametrizations.weight.original1")
    }
  }
}

extension TransformerNames {
  fileprivate static func wav2vec2(_ layer: String) -> TransformerNames {
    TransformerNames(
      projections: .separate(
        query: "\(layer).attention.q_proj", key: "\(layer).attention.k_proj", value: "\(layer).attention.v_proj"),
      output: "\(layer).attention.out_proj", attentionNorm: "\(layer).layer_norm", up: "\(layer).feed_forward.intermediate_dense",
      down: "\(layer).feed_forward.output_dense", norm: "\(layer).final_layer_norm")
  }
}
