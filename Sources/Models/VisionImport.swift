import BundleFormat
import JSONFormat
import ModelGraph

extension VisionConfiguration {
  /// Reads the fields that ViT, DeiT and CLIP's image tower share.
  init(_ root: Field, tokens: Int, epsilon: Float, activation: String) throws(ImportError) {
    try root["num_channels"].expect(.integer(3))
    try root["qkv_bias"].expect(.boolean(true))
    let (hidden, heads) = try root.attentionSizes()
    let imageSize = try root["image_size"].edge(1...ImageInput.largestEdge)
    self.init(
      imageSize: imageSize, patchSize: try root["patch_size"].edge(1...min(imageSize, Window.maximum)), hidden: hidden,
      layers: try root["num_hidden_layers"].integer(1...256), heads: heads,
      intermediate: try root["intermediate_size"].integer(1...65536),
      epsilon: try root["layer_norm_eps"].epsilon(default: epsilon),
      activation: try root["hidden_act"].activation(default: activation), tokens: tokens)
  }
}

extension HuggingFaceModel {
  /// ViT and DeiT: with a classifier its logits, of `DeiTForImageClassificationWithTeacher` the mean of both classifiers', else the class
  /// token's row.
  static func vision(_ directory: ModelDirectory) throws(ImportError) -> HuggingFaceModel {
    let root = directory.configuration
    let isDeiT = root["model_type"].value == .string("deit")
    let configuration = try VisionConfiguration(root, tokens: isDeiT ? 2 : 1, epsilon: 1e-12, activation: "gelu")
    let checkpoint = try directory.checkpoint(without: isDeiT ? "deit." : "vit.")
    var names = VisionNames.huggingFace(tokens: configuration.tokens)
    var head = VisionHead.embedding
    if let labels = try checkpoint.outputs(ifAny: "cls_classifier.weight") {
      names.heads = ["cls_classifier", "distillation_classifier"]
      head = .logitsOfTwo(labels)
    } else if let labels = try checkpoint.outputs(ifAny: "classifier.weight") {
      head = .logits(labels)
    }
    let image = try ImageFiles(directory: directory).read(edge: configuration.imageSize)
    return try vision(configuration, names, head, checkpoint)
      .with(image: image, labels: try head.labels.map { count throws(ImportError) in try directory.labels(count: count) } ?? [])
  }

  /// The image encoder of SigLIP without its head: the mean of the rows.
  static func siglip(_ directory: ModelDirectory) throws(ImportError) -> HuggingFaceModel {
    let root = directory.configuration
    let configuration = try VisionConfiguration(root, tokens: 0, epsilon: 1e-6, activation: "gelu_pytorch_tanh")
    guard try root["vision_use_head"].boolean(default: true) == false else {
      throw root["vision_use_head"].wrong("false, the only value supported")
    }
    let image = try ImageFiles(directory: directory).read(edge: configuration.imageSize)
    return try vision(configuration, .siglip, .meanEmbedding, directory.checkpoint(without: "vision_model.")).with(image: image)
  }

  /// ViT and DeiT as timm names them. Widths and depth are those of the tensors; heads are 64 wide, unless `model_args` tells their number.
  static func timmVision(_ directory: ModelDirectory) throws(ImportError) -> HuggingFaceModel {
    let checkpoint = try directory.checkpoint()
    let isDistilled = checkpoint.has("dist_token")
    let names = VisionNames.timm(tokens: isDistilled ? 2 : 1)
    let image = try ImageFiles(directory: directory).readTimm()
    let configuration = try VisionConfiguration(timm: directory.configuration["model_args"], checkpoint, names, image)
    var head = VisionHead.embedding
    if let labels = try checkpoint.outputs(ifAny: "head.weight") { head = isDistilled ? .logitsOfTwo(labels) : .logits(labels) }
    let labels = try head.labels.map { count throws(ImportError) in try ImageFiles(directory: directory).timmLabels(count: count) }
    return try vision(configuration, names, head, checkpoint).with(image: image, labels: labels ?? [])
  }

  private static func vision(
    _ configuration: VisionConfiguration, _ names: VisionNames, _ head: VisionHead, _ checkpoint: Checkpoint
  ) throws(ImportError) -> HuggingFaceModel {
    var encoder = EncoderBuilder()
    let output = encoder.visionTransformer(configuration, names, head: head)
    return try HuggingFaceModel(encoder, outputs: [output], checkpoint: checkpoint) { $0.hasPrefix("pooler.") }
  }
}

extension VisionHead {
  fileprivate var labels: Int? {
    switch self {
    case .embedding, .meanEmbedding: nil
    case .logits(let count), .logitsOfTwo(let count): count
    }
  }
}

extension VisionConfiguration {
  fileprivate init(timm arguments: Field, _ checkpoint: Checkpoint, _ names: VisionNames, _ image: ImageInput) throws(ImportError) {
    let kernel = try checkpoint.shape(names.patches + ".weight")
    guard kernel.count == 4, (1...Window.maximum).contains(kernel[3]), kernel[2] == kernel[3], (1...16384).contains(kernel[0]) else {
      throw checkpoint.bad(names.patches + ".weight", "shape", "\(kernel) is no kernel of square patches")
    }
    let hidden = kernel[0]
    let heads = try arguments["num_heads"].integer(1...hidden, default: max(1, hidden / 64))
    guard hidden % heads == 0 else { throw arguments["num_heads"].wrong("a divisor of the width \(hidden)") }
    self.init(
      imageSize: image.height, patchSize: kernel[2], hidden: hidden, layers: checkpoint.count { "blocks.\($0).norm1.weight" },
      heads: heads, intermediate: try checkpoint.outputs("blocks.0.mlp.fc1.weight"), tokens: names.tokens.count)
  }
}
