package import ModelGraph

/// Adds a BERT encoder with mean pooling: token identifiers int32 [batch, sequence] → embeddings of length 1, [batch, hidden].
/// Segments are `embeddings`, `encoder.0` … and `pooling`; all but the last end in a split point. Parameters have the checkpoint's
/// names. Sequences are single, so the row of token type 0 is part of the position table. (Devlin et al. 2018; Reimers, Gurevych 2019)
package func bertEncoder(into builder: inout GraphBuilder, _ configuration: BertConfiguration) -> TensorID {
  var encoder = BertEncoder(builder: builder, configuration: configuration)
  var rows = encoder.embeddings()
  for layer in 0..<configuration.layers { rows = encoder.layer(layer, rows) }
  let embedding = encoder.pooling(rows)
  builder = encoder.builder
  return embedding
}

private struct BertEncoder {
  var builder: GraphBuilder
  let configuration: BertConfiguration

  mutating func embeddings() -> TensorID {
    let width = configuration.hidden
    let tokens = builder.input("tokens", shape: Shape([.batch, .sequence]), dataType: .int32)
    let tables = [
      builder.parameter("embeddings.word_embeddings.weight", configuration.vocabulary, width),
      builder.parameter("embeddings.position_embeddings.weight", configuration.positions, width),
    ]
    let found = builder.node("embeddings.lookup", .embedding, tokens, parameters: tables, shape: Shape([.batch, .sequence, .fixed(width)]))
    return close("embeddings", norm("embeddings.norm", "embeddings.LayerNorm", found))
  }

  mutating func layer(_ index: Int, _ input: TensorID) -> TensorID {
    let segment = "encoder.\(index)"
    let source = "encoder.layer.\(index)"
    let attended = attention(segment, source, input)
    let wide = linear("\(segment).intermediate", "\(source).intermediate.dense", attended, outputs: configuration.intermediate)
    let active = builder.node("\(segment).gelu", .activation(.gelu), wide, shape: builder.shape(wide))
    let output = linear("\(segment).output", "\(source).output.dense", active)
    let sum = builder.node("\(segment).sum", .add, attended, output, shape: builder.shape(attended))
    return close(segment, norm("\(segment).norm", "\(source).output.LayerNorm", sum))
  }

  private mutating func attention(_ segment: String, _ source: String, _ input: TensorID) -> TensorID {
    let query = linear("\(segment).query", "\(source).attention.self.query", input)
    let key = linear("\(segment).key", "\(source).attention.self.key", input)
    let value = linear("\(segment).value", "\(source).attention.self.value", input)
    let mixed = builder.node(
      "\(segment).attention", .attention(heads: configuration.heads), query, key, value, shape: builder.shape(query))
    let output = linear("\(segment).attention-output", "\(source).attention.output.dense", mixed)
    let sum = builder.node("\(segment).attention-sum", .add, input, output, shape: builder.shape(input))
    return norm("\(segment).attention-norm", "\(source).attention.output.LayerNorm", sum)
  }

  mutating func pooling(_ input: TensorID) -> TensorID {
    let shape = Shape([.batch, .fixed(configuration.hidden)])
    let mean = builder.node("pooling.mean", .pool(.mean), input, shape: shape)
    let embedding = builder.node("pooling.embedding", .l2Normalize, mean, shape: shape)
    builder.endSegment("pooling")
    return embedding
  }

  private mutating func linear(_ name: String, _ source: String, _ input: TensorID, outputs: Int? = nil) -> TensorID {
    let outputs = outputs ?? configuration.hidden
    let inputs = builder.shape(input).width ?? configuration.hidden
    let parameters = [builder.parameter("\(source).weight", outputs, inputs), builder.parameter("\(source).bias", outputs)]
    return builder.node(name, .linear, input, parameters: parameters, shape: builder.shape(input).withWidth(outputs))
  }

  private mutating func norm(_ name: String, _ source: String, _ input: TensorID) -> TensorID {
    let width = configuration.hidden
    let parameters = [builder.parameter("\(source).weight", width), builder.parameter("\(source).bias", width)]
    return builder.node(name, .layerNorm(epsilon: configuration.epsilon), input, parameters: parameters, shape: builder.shape(input))
  }

  private mutating func close(_ segment: String, _ input: TensorID) -> TensorID {
    let output = builder.node("\(segment).boundary", .boundary, input, shape: builder.shape(input))
    builder.endSegment(segment)
    return output
  }
}
