import BundleFormat
import JSONFormat
import ModelGraph

extension Wav2Vec2Configuration {
  init(_ root: Field) throws(ImportError) {
    for name in ["hidden_act", "feat_extract_activation"] { try root[name].expect(.string("gelu")) }
    for name in ["add_adapter", "use_weighted_layer_sum"] { try root[name].expect(.boolean(false)) }
    try root["adapter_attn_dim"].expect(.null)
    let (hidden, heads) = try root.attentionSizes()
    let norm = try root["feat_extract_norm"].string()
    guard let norm = Norm(rawValue: norm) else { throw root["feat_extract_norm"].wrong("group or layer") }
    let groups = try root["num_conv_pos_embedding_groups"].integer(1...hidden)
    guard hidden % groups == 0 else { throw root["num_conv_pos_embedding_groups"].wrong("a divisor of hidden_size \(hidden)") }
    self.init(
      features: try Self.features(root), norm: norm, hasFeatureBias: try root["conv_bias"].boolean(default: false), hidden: hidden,
      layers: try root["num_hidden_layers"].integer(1...256), heads: heads,
      intermediate: try root["intermediate_size"].integer(1...65536),
      positionKernel: try root["num_conv_pos_embeddings"].integer(1...Window.maximum), positionGroups: groups,
      isNormFirst: try root["do_stable_layer_norm"].boolean(default: false),
      epsilon: try root["layer_norm_eps"].epsilon(default: 1e-5))
  }

  private static let mostLayers = 32

  private static func features(_ root: Field) throws(ImportError) -> [Layer] {
    let widths = try root["conv_dim"].integers(1...16384, atMost: mostLayers)
    let kernels = try root["conv_kernel"].integers(1...Window.maximum, atMost: mostLayers)
    let strides = try root["conv_stride"].integers(1...Window.maximum, atMost: mostLayers)
    guard kernels.count == widths.count, !widths.isEmpty else { throw root["conv_kernel"].wrong("as many as conv_dim") }
    guard strides.count == widths.count else { throw root["conv_stride"].wrong("as many as conv_dim") }
    return widths.indices.map { Layer(width: widths[$0], kernel: kernels[$0], stride: strides[$0]) }
  }
}

extension HuggingFaceModel {
  /// Wav2Vec2: with the head of `Wav2Vec2ForSequenceClassification` or `Wav2Vec2ForCTC` its logits, else the mean of the rows.
  static func wav2vec2(_ directory: ModelDirectory, samples: Int?) throws(ImportError) -> HuggingFaceModel {
    let configuration = try Wav2Vec2Configuration(directory.configuration)
    let checkpoint = try directory.checkpoint(without: "wav2vec2.")
    let sound = try SoundFiles(directory: directory).read(samples: samples)
    let (head, labels) = try head(directory, checkpoint)
    var encoder = EncoderBuilder()
    let output = encoder.wav2vec2(
      configuration, samples: sound.samples, head: head,
      weightNorm: checkpoint.has("encoder.pos_conv_embed.conv.weight_g") ? .magnitudeAndDirection : .originals)
    return try HuggingFaceModel(encoder, outputs: [output], checkpoint: checkpoint, isUnused: isUnused).with(sound: sound, labels: labels)
  }

  private static func head(_ directory: ModelDirectory, _ checkpoint: Checkpoint) throws(ImportError) -> (Wav2Vec2Head, [String]) {
    if let count = try checkpoint.outputs(ifAny: "lm_head.weight") {
      return (.characters(count), try characters(directory, count: count))
    }
    guard let count = try checkpoint.outputs(ifAny: "classifier.weight") else { return (.embedding, []) }
    return (.logits(projection: try checkpoint.outputs("projector.weight"), labels: count), try directory.labels(count: count))
  }

  /// The characters of `vocab.json`, where there is one.
  private static func characters(_ directory: ModelDirectory, count: Int) throws(ImportError) -> [String] {
    let root = try directory.optional("vocab.json")
    guard !root.isAbsent else { return [] }
    let characters = try root.vocabulary().map { String(decoding: $0, as: UTF8.self) }
    return characters.count == count ? characters : []
  }

  /// What only the pretraining uses.
  private static func isUnused(_ name: String) -> Bool {
    name == "masked_spec_embed" || ["quantizer.", "project_q.", "project_hid."].contains { name.hasPrefix($0) }
  }
}
