package import ModelGraph

/// Adds a BERT encoder with mean pooling: token identifiers int32 [batch, sequence] → embeddings of length 1, [batch, hidden].
/// Segments are `embeddings`, `encoder.0` … and `pooling`; all but the last end in a split point. Parameters have the checkpoint's
/// names. Sequences are single, so the row of token type 0 is part of the position table. (Devlin et al. 2018; Reimers, Gurevych 2019)
package func bertEncoder(into builder: inout GraphBuilder, _ configuration: BertConfiguration) -> TensorID {
  var encoder = EncoderBuilder(builder)
  let embedding = encoder.bert(configuration)
  builder = encoder.graph
  return embedding
}

extension EncoderBuilder {
  mutating func bert(_ configuration: BertConfiguration) -> TensorID {
    let rows = bertLayers(configuration, bertWords(configuration))
    let mean = pool("pooling.mean", .mean, rows)
    let embedding = node("embedding", .l2Normalize, mean)
    endSegment("pooling")
    return embedding
  }

  /// Rows → rows of the last layer.
  mutating func bertLayers(_ configuration: BertConfiguration, _ words: TensorID) -> TensorID {
    let style = TransformerStyle(
      heads: configuration.heads, headWidth: configuration.headWidth, inner: configuration.intermediate,
      epsilon: configuration.epsilon, isNormFirst: false)
    return (0..<configuration.layers).reduce(words) { rows, layer in
      close("encoder.\(layer)", transformerLayer("encoder.\(layer)", .bert("encoder.layer.\(layer)"), style, rows))
    }
  }

  /// Tokens → rows.
  mutating func bertWords(_ configuration: BertConfiguration) -> TensorID {
    let width = configuration.hidden
    let positions = "embeddings.position_embeddings.weight"
    let types = "embeddings.token_type_embeddings.weight"
    let tokens = input("tokens", Shape([.batch, .sequence]), .int32)
    let tables = [
      parameter("embeddings.word_embeddings.weight", [configuration.vocabulary, width]),
      parameter(
        positions, [configuration.positions, width], from: .sum(positions, firstOf: types, rows: configuration.tokenTypes)),
    ]
    let found = node("embeddings.lookup", .embedding, tokens, parameters: tables, shape: .rows(.sequence, width))
    return close("embeddings", layerNorm("embeddings.norm", "embeddings.LayerNorm", found, epsilon: configuration.epsilon))
  }
}

extension TransformerNames {
  fileprivate static func bert(_ layer: String) -> TransformerNames {
    TransformerNames(
      projections: .separate(
        query: "\(layer).attention.self.query", key: "\(layer).attention.self.key", value: "\(layer).attention.self.value"),
      output: "\(layer).attention.output.dense", attentionNorm: "\(layer).attention.output.LayerNorm",
      up: "\(layer).intermediate.dense", down: "\(layer).output.dense", norm: "\(layer).output.LayerNorm")
  }
}
