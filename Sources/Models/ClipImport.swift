import BundleFormat
import ModelGraph

extension ClipTextConfiguration {
  init(_ root: Field) throws(ImportError) {
    let (hidden, heads) = try root.attentionSizes()
    self.init(
      vocabulary: try root["vocab_size"].integer(1...1 << 22, default: 49408), hidden: hidden,
      layers: try root["num_hidden_layers"].integer(1...256), heads: heads,
      intermediate: try root["intermediate_size"].integer(1...65536),
      positions: try root["max_position_embeddings"].integer(2...65535, default: 77),
      epsilon: try root["layer_norm_eps"].epsilon(default: 1e-5),
      activation: try root["hidden_act"].activation(default: "quick_gelu"))
  }
}

extension HuggingFaceModel {
  /// CLIP with both towers, or one of them alone, with or without its projection.
  static func clip(_ directory: ModelDirectory, maximumTokens: Int?) throws(ImportError) -> HuggingFaceModel {
    let root = directory.configuration
    let towers = try ClipTowers(root)
    let checkpoint = try directory.checkpoint(canonical: towers.canonical)
    let projection = ["visual_projection.weight", "text_projection.weight"].first(where: checkpoint.has)
    let configuration = ClipConfiguration(
      image: towers.image, text: towers.text, projection: try projection.map { name throws(ImportError) in try checkpoint.outputs(name) })
    let bytePair = try towers.text.map { text throws(ImportError) in
      try BytePairFiles(directory: directory, vocabulary: text.vocabulary)
        .read(maximumTokens: directory.tokens(maximumTokens ?? text.positions, positions: text.positions))
    }
    let image = try towers.image.map { tower throws(ImportError) in try ImageFiles(directory: directory).read(edge: tower.imageSize) }
    var encoder = EncoderBuilder()
    let outputs = encoder.clip(configuration)
    return try HuggingFaceModel(
      encoder, outputs: outputs, checkpoint: checkpoint, sequence: bytePair?.options.maximumTokens ?? 1, isUnused: isUnused
    ).with(image: image).with(bytePair: bytePair)
  }

  /// Buffers, and the scale of similarities, which is no part of an embedding.
  private static func isUnused(_ name: String) -> Bool { name == "logit_scale" || name.hasSuffix(".position_ids") }
}

/// Which towers a `config.json` describes.
private struct ClipTowers {
  private(set) var image: VisionConfiguration?
  private(set) var text: ClipTextConfiguration?

  init(_ root: Field) throws(ImportError) {
    let type = try root["model_type"].string()
    if type != "clip_text_model" {
      image = try VisionConfiguration(type == "clip" ? root["vision_config"] : root, tokens: 1, epsilon: 1e-5, activation: "quick_gelu")
    }
    if type != "clip_vision_model" { text = try ClipTextConfiguration(type == "clip" ? root["text_config"] : root) }
  }

  /// A tower without projection may be saved without its name in front.
  func canonical(_ name: String) -> String {
    let prefix = text == nil ? "vision_model." : "text_model."
    let isWhole = (text != nil && image != nil) || name.hasPrefix(prefix) || name.hasSuffix("_projection.weight")
    return isWhole ? name : prefix + name
  }
}
