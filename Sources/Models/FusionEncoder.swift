package import ModelGraph

/// The sizes of a transformer over the rows of several modalities.
package struct FusionConfiguration: Hashable, Sendable {
  /// Rows of a stream.
  package enum Rows: Hashable, Sendable {
    case fixed(Int)
    /// As many as the request has tokens.
    case sequence(atMost: Int)

    var dimension: Dimension {
      switch self {
      case .fixed(let count): .fixed(count)
      case .sequence: .sequence
      }
    }

    var most: Int {
      switch self {
      case .fixed(let count), .sequence(let count): count
      }
    }
  }

  package var width: Int
  package var layers: Int
  package var heads: Int
  /// Nil where the heads have the rows' width together.
  package var headWidth: Int?
  /// The width between the two products of a feed-forward part.
  package var inner: Int
  /// Numbers of the result.
  package var outputs: Int
  /// Feed-forward parts of each layer, of which a row takes one.
  package var experts: Int
  package var epsilon: Float

  package init(
    width: Int, layers: Int, heads: Int, inner: Int, outputs: Int, experts: Int = 1, epsilon: Float = 1e-5,
    headWidth: Int? = nil
  ) {
    self.width = width
    self.layers = layers
    self.heads = heads
    self.headWidth = headWidth
    self.inner = inner
    self.outputs = outputs
    self.experts = experts
    self.epsilon = epsilon
  }

  var style: TransformerStyle {
    TransformerStyle(
      heads: heads, headWidth: headWidth, inner: inner, epsilon: epsilon, isNormFirst: true, experts: experts)
  }

  func stream(_ rows: Rows) -> Shape { .rows(rows.dimension, width) }
}

/// Adds a fusion of three streams: rows `image`, `audio` and `text` [batch, rows, width] → `fused` [batch, outputs]. To each row the table
/// of its stream is added, which tells kind and place; then all rows attend to each other in layers with the norms first, and their mean
/// passes a norm and a matrix. A modality that a request leaves out has no rows. Segments are `streams`, `encoder.0` … and `head`; all but
/// the last end in a split point. (Nagrani et al. 2021; experts: Mustafa et al. 2022) Where `local` is given, a second output
/// `local.fused` [batch, outputs] is that of a smaller such fusion over the same rows, in the local segment `local`.
package func fusionEncoder(
  into builder: inout GraphBuilder, _ configuration: FusionConfiguration, local: FusionConfiguration? = nil, image: Int, audio: Int,
  text: FusionConfiguration.Rows
) -> [TensorID] {
  var encoder = EncoderBuilder(builder)
  let streams = [
    encoder.stream("image", .fixed(image), configuration), encoder.stream("audio", .fixed(audio), configuration),
    encoder.stream("text", text, configuration),
  ]
  let all = text.dimension.joined(with: .fixed(image + audio)) ?? text.dimension
  let joined = encoder.concatenate("streams.rows", streams, shape: .rows(all, configuration.width))
  let start = encoder.close("streams", joined)
  var rows = start
  for layer in 0..<configuration.layers {
    let segment = "encoder.\(layer)"
    rows = encoder.close(segment, encoder.transformerLayer(segment, .own("layers.\(layer)"), configuration.style, rows))
  }
  var outputs = [encoder.fusionHead(configuration, rows)]
  if let local { outputs.append(encoder.localFusion(local, start)) }
  builder = encoder.graph
  return outputs
}

extension EncoderBuilder {
  /// A stream of rows from outside, plus its table.
  mutating func stream(_ name: String, _ rows: FusionConfiguration.Rows, _ configuration: FusionConfiguration) -> TensorID {
    let given = input(name, configuration.stream(rows))
    let table = parameter("kind.\(name)", [rows.most, configuration.width])
    return node("streams.\(name)", .positions(prefix: 0), given, parameters: [table])
  }

  /// The mean of the rows, behind a norm and a matrix. Ends the last segment.
  mutating func fusionHead(_ configuration: FusionConfiguration, _ rows: TensorID) -> TensorID {
    let output = meanHead("", configuration, rows)
    endSegment("head")
    return output
  }

  /// The same for names that start so.
  private mutating func meanHead(_ prefix: String, _ configuration: FusionConfiguration, _ rows: TensorID) -> TensorID {
    let mean = pool("\(prefix)head.mean", .mean, rows)
    let normal = layerNorm("\(prefix)head.norm", "\(prefix)norm", mean, epsilon: configuration.epsilon)
    return linear("\(prefix)fused", "\(prefix)head", normal, outputs: configuration.outputs)
  }

  /// A smaller fusion over rows that cross a split point, brought to its width first.
  fileprivate mutating func localFusion(_ configuration: FusionConfiguration, _ start: TensorID) -> TensorID {
    var rows = linear("local.rows", "local.rows", start, outputs: configuration.width)
    for layer in 0..<configuration.layers {
      rows = transformerLayer("local.\(layer)", .own("local.layers.\(layer)"), configuration.style, rows)
    }
    let output = meanHead("local.", configuration, rows)
    endSegment("local", role: .local)
    return output
  }
}

extension TransformerNames {
  /// Of models that follow no other's names.
  static func own(_ layer: String) -> TransformerNames {
    TransformerNames(
      projections: .separate(query: "\(layer).query", key: "\(layer).key", value: "\(layer).value"), output: "\(layer).output",
      attentionNorm: "\(layer).attention_norm", up: "\(layer).up", down: "\(layer).down", norm: "\(layer).norm",
      router: "\(layer).router")
  }
}
