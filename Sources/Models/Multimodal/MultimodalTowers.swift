import ModelGraph

// Each encoder in three parts, so that several can be laid side by side: all first parts, then all layers, then all ends.
extension EncoderBuilder {
  /// The input → rows or an image, behind a boundary.
  mutating func first(_ encoder: MultimodalConfiguration.Encoder) -> TensorID {
    switch encoder {
    case .vision(let configuration): visionPatches("", configuration, .huggingFace(tokens: configuration.tokens))
    case .mobileNet(let configuration): mobileNetFeatures(configuration, .huggingFace)
    case .wav2vec2(let configuration, let samples): soundFeatures(configuration, samples: samples)
    case .bert(let configuration, _): bertWords(configuration)
    }
  }

  /// The layers, each behind a boundary.
  mutating func layers(_ encoder: MultimodalConfiguration.Encoder, _ input: TensorID) -> TensorID {
    switch encoder {
    case .vision(let configuration): visionLayers("", configuration, .huggingFace(tokens: configuration.tokens), input)
    case .mobileNet(let configuration): mobileNetStages(configuration, .huggingFace, input)
    case .wav2vec2(let configuration, _): soundLayers(configuration, .originals, input)
    case .bert(let configuration, _): bertLayers(configuration, input)
    }
  }

  /// The end: rows with their last norm.
  mutating func last(_ encoder: MultimodalConfiguration.Encoder, _ input: TensorID) -> TensorID {
    switch encoder {
    case .vision(let configuration):
      let names = VisionNames.huggingFace(tokens: configuration.tokens)
      return layerNorm("rows.norm", names.norm, input, epsilon: configuration.epsilon)
    case .mobileNet(let configuration):
      let image = mobileNetLast("rows", configuration, .huggingFace, input)
      let rows = shape(image).rowCount(sequence: 1) ?? 1
      return node("rows.flat", .flatten, image, shape: .rows(.fixed(rows), width(image)))
    case .wav2vec2(let configuration, _): return soundNorm("rows", configuration, input)
    case .bert: return input
    }
  }

  /// Rows made narrower and fewer, behind the boundary from which the fusion reads.
  mutating func crossing(_ bottleneck: MultimodalConfiguration.Bottleneck?, _ rows: TensorID) -> TensorID {
    guard let bottleneck else { return close("rows", rows) }
    guard bottleneck.merged > 1 else {
      return close("rows", linear("rows.narrow", "bottleneck", rows, outputs: bottleneck.width))
    }
    let window = Window(signal: bottleneck.merged, stride: bottleneck.merged)
    return close("rows", convolution("rows.narrow", "bottleneck", rows, Convolution(window), outputs: bottleneck.width))
  }
}
