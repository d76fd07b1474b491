package import ModelGraph

/// Adds a decoder that continues a text about a picture: tokens int32 [batch, sequence] and rows `image` [batch, rows, width] → `logits`
/// [batch, sequence, outputs] of the token after each; the vocabulary is `outputs`. Each layer is attention over the tokens so far,
/// attention over the image's rows and a feed-forward part, with the norms first. Segments are `streams`, `encoder.0` … and `head`; all
/// but the last end in a split point. (Vaswani et al. 2017; over pictures: Li et al. 2022)
package func captionDecoder(
  into builder: inout GraphBuilder, _ configuration: FusionConfiguration, image: Int, longest: Int
) -> TensorID {
  var encoder = EncoderBuilder(builder)
  let seen = encoder.seenRows("image", .fixed(image), configuration)
  var rows = encoder.close("streams", encoder.captionWords(configuration, longest: longest))
  for layer in 0..<configuration.layers {
    let segment = "encoder.\(layer)"
    rows = encoder.close(segment, encoder.captionLayer(segment, "layers.\(layer)", configuration, rows, seen: seen))
  }
  let normal = encoder.layerNorm("head.norm", "norm", rows, epsilon: configuration.epsilon)
  let logits = encoder.linear("logits", "head", normal, outputs: configuration.outputs)
  encoder.endSegment("head")
  builder = encoder.graph
  return logits
}

extension EncoderBuilder {
  fileprivate mutating func captionWords(_ configuration: FusionConfiguration, longest: Int) -> TensorID {
    let tokens = input("tokens", Shape([.batch, .sequence]), .int32)
    let tables = [
      parameter("words", [configuration.outputs, configuration.width]), parameter("positions", [longest, configuration.width]),
    ]
    return node("streams.words", .embedding, tokens, parameters: tables, shape: .rows(.sequence, configuration.width))
  }

  /// Rows of a text so far, which look at themselves and at others.
  mutating func captionLayer(
    _ name: String, _ stem: String, _ configuration: FusionConfiguration, _ input: TensorID, seen: TensorID
  ) -> TensorID {
    let (own, cross) = (TransformerNames.own(stem), TransformerNames.own("\(stem).cross"))
    var causal = configuration.style
    causal.isCausal = true
    let text = layerNorm("\(name).attention-norm", own.attentionNorm, input, epsilon: configuration.epsilon)
    let read = node("\(name).attention-sum", .add, input, attention(name, own, causal, queries: text, keys: text))
    let queries = layerNorm("\(name).cross-norm", cross.attentionNorm, read, epsilon: configuration.epsilon)
    let found = attention("\(name).cross", cross, configuration.style, queries: queries, keys: seen)
    let state = node("\(name).cross-sum", .add, read, found)
    let inner = layerNorm("\(name).norm", own.norm, state, epsilon: configuration.epsilon)
    return node("\(name).sum", .add, state, feedForward(name, own, configuration.style, inner))
  }
}
