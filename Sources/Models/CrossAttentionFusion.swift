package import ModelGraph

/// Adds a fusion in which text looks at a picture: rows `text` and `image` [batch, rows, width] → `fused` [batch, outputs]. Each layer adds
/// to the text's rows, behind gates, what they find in the image's rows and a feed-forward part, and is a layer over the text alone
/// after that. Gates of 0 leave the text as it is. Segments are `streams`, `encoder.0` … and `head`; all but the last end in a
/// split point. (Alayrac et al. 2022, Flamingo)
package func crossAttentionFusion(
  into builder: inout GraphBuilder, _ configuration: FusionConfiguration, image: Int, text: FusionConfiguration.Rows
) -> TensorID {
  var encoder = EncoderBuilder(builder)
  let seen = encoder.seenRows("image", .fixed(image), configuration)
  var rows = encoder.close("streams", encoder.stream("text", text, configuration))
  for layer in 0..<configuration.layers {
    let segment = "encoder.\(layer)"
    let seeing = encoder.gatedLayer("\(segment).cross", "layers.\(layer).cross", configuration, rows, seen: seen)
    rows = encoder.close(segment, encoder.transformerLayer(segment, .own("layers.\(layer)"), configuration.style, seeing))
  }
  let output = encoder.fusionHead(configuration, rows)
  builder = encoder.graph
  return output
}

extension EncoderBuilder {
  /// A stream that others look at: behind a norm, and a boundary so that it may cross every split point.
  mutating func seenRows(_ name: String, _ rows: FusionConfiguration.Rows, _ configuration: FusionConfiguration) -> TensorID {
    let placed = stream(name, rows, configuration)
    let normal = layerNorm("streams.\(name)-norm", "\(name)_norm", placed, epsilon: configuration.epsilon)
    return node("streams.\(name)-boundary", .boundary, normal)
  }

  /// Adds to rows, behind gates, what they find in others and a feed-forward part.
  mutating func gatedLayer(
    _ name: String, _ stem: String, _ configuration: FusionConfiguration, _ input: TensorID, seen: TensorID
  ) -> TensorID {
    let names = TransformerNames.own(stem)
    let style = configuration.style
    let queries = layerNorm("\(name).attention-norm", names.attentionNorm, input, epsilon: style.epsilon)
    let found = attention(name, names, style, queries: queries, keys: seen)
    let state = gatedAdd("\(name).attention-sum", "\(stem).attention_gate", input, found)
    let inner = layerNorm("\(name).norm", names.norm, state, epsilon: style.epsilon)
    return gatedAdd("\(name).sum", "\(stem).gate", state, feedForward(name, names, style, inner))
  }

  private mutating func gatedAdd(_ name: String, _ gate: String, _ x: TensorID, _ y: TensorID) -> TensorID {
    node(name, .gatedAdd, x, y, parameters: [parameter(gate, [1])])
  }
}
