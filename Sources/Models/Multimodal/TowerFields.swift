import BundleFormat
import JSONFormat
import ModelGraph

// What the files of `transformers` say of an encoder.
extension MultimodalConfiguration.Encoder {
  /// `config.json`.
  func configurationOfTransformers() throws(TowerError) -> Json {
    switch self {
    case .bert(let bert, _):
      try expectWholeHeads(bert.heads, bert.headWidth, hidden: bert.hidden)
      return bert.configurationOfTransformers
    case .vision(let vision):
      try expectWholeHeads(vision.heads, vision.headWidth, hidden: vision.hidden)
      return vision.configurationOfTransformers
    case .wav2vec2(let sound, _):
      try expectWholeHeads(sound.heads, sound.headWidth, hidden: sound.hidden)
      return sound.configurationOfTransformers
    case .mobileNet(let mobileNet):
      guard let configuration = mobileNet.configurationOfTransformers else {
        throw .noArchitecture(.image, reason: "its stages are not those of a MobileNetV2 at any depth multiplier")
      }
      return configuration
    }
  }

  /// Heads there have the width of the rows together.
  private func expectWholeHeads(_ heads: Int, _ headWidth: Int?, hidden: Int) throws(TowerError) {
    guard let headWidth, heads * headWidth != hidden else { return }
    throw .noArchitecture(
      modality, reason: "its \(heads) heads of \(headWidth) are together not as wide as its rows, \(hidden), as after pruning")
  }

  /// `preprocessor_config.json`.
  func preprocessorOfTransformers(image: ImageInput?, sound: SoundInput?) -> Json? {
    switch self {
    case .bert: nil
    case .vision: image?.preprocessor(type: "SiglipImageProcessor")
    case .mobileNet: image?.preprocessor(type: "MobileNetV2ImageProcessor")
    case .wav2vec2: sound?.preprocessor
    }
  }
}

extension Json {
  fileprivate init(_ members: KeyValuePairs<String, Json>) {
    self = .object(members.map { Member(key: $0.key, value: $0.value) })
  }

  fileprivate static func integers(_ values: [Int]) -> Json { .array(values.map { .integer($0) }) }

  /// The shortest digits that read back as the same float32.
  fileprivate static func float(_ value: Float) -> Json { .number(Double("\(value)") ?? Double(value)) }
}

extension BertConfiguration {
  fileprivate var configurationOfTransformers: Json {
    Json([
      "model_type": .string("bert"), "architectures": .array([.string("BertModel")]), "dtype": .string("float32"),
      "vocab_size": .integer(vocabulary), "hidden_size": .integer(hidden), "num_hidden_layers": .integer(layers),
      "num_attention_heads": .integer(heads), "intermediate_size": .integer(intermediate),
      "max_position_embeddings": .integer(positions), "type_vocab_size": .integer(tokenTypes), "layer_norm_eps": .float(epsilon),
      "hidden_act": .string("gelu"),
    ])
  }
}

extension VisionConfiguration {
  fileprivate var configurationOfTransformers: Json {
    Json([
      "model_type": .string("siglip_vision_model"), "architectures": .array([.string("SiglipVisionModel")]),
      "dtype": .string("float32"), "vision_use_head": .boolean(false), "image_size": .integer(imageSize),
      "patch_size": .integer(patchSize), "num_channels": .integer(3), "hidden_size": .integer(hidden),
      "num_hidden_layers": .integer(layers), "num_attention_heads": .integer(heads), "intermediate_size": .integer(intermediate),
      "layer_norm_eps": .float(epsilon), "hidden_act": .string(activation == .quickGelu ? "quick_gelu" : activation.rawValue),
    ])
  }
}

extension Wav2Vec2Configuration {
  fileprivate var configurationOfTransformers: Json {
    Json([
      "model_type": .string("wav2vec2"), "architectures": .array([.string("Wav2Vec2Model")]), "dtype": .string("float32"),
      "hidden_size": .integer(hidden), "num_hidden_layers": .integer(layers), "num_attention_heads": .integer(heads),
      "intermediate_size": .integer(intermediate), "hidden_act": .string("gelu"), "layer_norm_eps": .float(epsilon),
      "do_stable_layer_norm": .boolean(isNormFirst), "feat_extract_activation": .string("gelu"),
      "feat_extract_norm": .string(norm.rawValue), "conv_bias": .boolean(hasFeatureBias),
      "num_feat_extract_layers": .integer(features.count), "conv_dim": .integers(features.map(\.width)),
      "conv_kernel": .integers(features.map(\.kernel)), "conv_stride": .integers(features.map(\.stride)),
      "num_conv_pos_embeddings": .integer(positionKernel), "num_conv_pos_embedding_groups": .integer(positionGroups),
      // Spectra are masked in training alone, with a vector that this model has not.
      "mask_time_prob": .number(0), "mask_feature_prob": .number(0),
    ])
  }
}

extension MobileNetConfiguration {
  /// Nil where no depth multiplier and expansion ratio give these channels.
  fileprivate var configurationOfTransformers: Json? {
    guard stages.count == Self.depths.count, let expanded = stages[1].first?.expanded, let inputs = stages[0].last?.outputs,
      let widest = stages.last?.last?.outputs
    else { return nil }
    let (multiplier, ratio) = (Double(widest) / Double(Self.widths[Self.widths.count - 1]), Double(expanded) / Double(inputs))
    let isFinest = multiplier < 1 && last == Self.finest
    guard stages == Self.stages(multiplier: multiplier, ratio: ratio), first == Self.channels(32, times: multiplier),
      isFinest || last == Self.channels(Self.finest, times: multiplier)
    else { return nil }
    return Json([
      "model_type": .string("mobilenet_v2"), "architectures": .array([.string("MobileNetV2Model")]), "dtype": .string("float32"),
      "image_size": .integer(imageSize), "num_channels": .integer(3), "depth_multiplier": .number(multiplier),
      "expand_ratio": .number(ratio), "finegrained_output": .boolean(isFinest), "output_stride": .integer(32),
      "first_layer_is_expansion": .boolean(true), "hidden_act": .string("relu6"), "tf_padding": .boolean(padding == .same),
      "layer_norm_eps": .number(epsilon),
    ])
  }

  /// Channels of the stages, and of the last convolution.
  private static let widths = [16, 24, 32, 64, 96, 160, 320]
  private static let finest = 1280

  /// A multiple of 8 that is not much smaller.
  private static func channels(_ count: Int, times factor: Double) -> Int {
    let wanted = Int((Double(count) * factor).rounded(.toNearestOrEven))
    let near = max(8, (wanted + 4) / 8 * 8)
    return Double(near) < 0.9 * Double(wanted) ? near + 8 : near
  }

  private static func stages(multiplier: Double, ratio: Double) -> [[Block]] {
    var inputs = channels(32, times: multiplier)
    return depths.indices.map { stage in
      let outputs = channels(widths[stage], times: multiplier)
      return (0..<depths[stage]).map { place in
        defer { inputs = outputs }
        let stride = place == 0 ? strides[stage] : 1
        return Block(
          expanded: stage == 0 ? nil : channels(inputs, times: ratio), outputs: outputs, stride: stride,
          isResidual: stage > 0 && stride == 1 && inputs == outputs)
      }
    }
  }
}

extension ImageInput {
  fileprivate func preprocessor(type: String) -> Json {
    Json([
      "image_processor_type": .string(type), "do_resize": .boolean(true), "do_center_crop": .boolean(false),
      "size": Json(["height": .integer(height), "width": .integer(width)]), "resample": .integer(filter == .bilinear ? 2 : 3),
      "do_rescale": .boolean(true), "rescale_factor": .number(1.0 / 255), "do_normalize": .boolean(true),
      "image_mean": .array(mean.map { .float($0) }), "image_std": .array(deviation.map { .float($0) }),
    ])
  }
}

extension SoundInput {
  fileprivate var preprocessor: Json {
    Json([
      "feature_extractor_type": .string("Wav2Vec2FeatureExtractor"), "feature_size": .integer(1), "sampling_rate": .integer(rate),
      "padding_value": .number(0), "do_normalize": .boolean(isNormalized), "return_attention_mask": .boolean(false),
    ])
  }
}
