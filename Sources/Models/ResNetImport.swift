import BundleFormat
import JSONFormat

extension HuggingFaceModel {
  /// A residual network as Hugging Face names it. Depths and channels are those of the tensors.
  static func resNet(_ directory: ModelDirectory) throws(ImportError) -> HuggingFaceModel {
    let root = directory.configuration
    try root["num_channels"].expect(.integer(3))
    try root["hidden_act"].expect(.string("relu"))
    let checkpoint = try directory.checkpoint(without: "resnet.")
    let image = try ImageFiles(directory: directory).read()
    guard image.height == image.width else { throw root["size"].wrong("a square") }
    let configuration = try ResNetConfiguration(
      checkpoint, .huggingFace, imageSize: image.height,
      firstStride: try root["downsample_in_first_stage"].boolean(default: false) ? 2 : 1,
      stridesFirst: try root["downsample_in_bottleneck"].boolean(default: false))
    return try resNet(configuration, .huggingFace, checkpoint, image) { count throws(ImportError) in try directory.labels(count: count) }
  }

  /// The same, as timm names it.
  static func timmResNet(_ directory: ModelDirectory) throws(ImportError) -> HuggingFaceModel {
    let files = ImageFiles(directory: directory)
    let image = try files.readTimm()
    let checkpoint = try directory.checkpoint()
    let configuration = try ResNetConfiguration(checkpoint, .timm, imageSize: image.height, firstStride: 1, stridesFirst: false)
    return try resNet(configuration, .timm, checkpoint, image) { count throws(ImportError) in try files.timmLabels(count: count) }
  }

  private static func resNet(
    _ configuration: ResNetConfiguration, _ names: ResNetNames, _ checkpoint: Checkpoint, _ image: ImageInput,
    labels: (Int) throws(ImportError) -> [String]
  ) throws(ImportError) -> HuggingFaceModel {
    let count = try checkpoint.outputs(ifAny: "\(names.head).weight")
    var encoder = EncoderBuilder()
    let output = encoder.resNet(configuration, names, labels: count)
    return try HuggingFaceModel(encoder, outputs: [output], checkpoint: checkpoint)
      .with(image: image, labels: try count.map(labels) ?? [])
  }
}

extension ResNetConfiguration {
  /// With the depths, kernels and channels of a checkpoint. A stage's first block halves the picture, in its first stage as `firstStride`
  /// tells: at its first 3 × 3 convolution, or if `stridesFirst` at its first.
  fileprivate init(
    _ checkpoint: Checkpoint, _ names: ResNetNames, imageSize: Int, firstStride: Int, stridesFirst: Bool
  ) throws(ImportError) {
    func kernelName(_ stage: Int, _ place: Int) -> String { names.layer(names.block(stage, place), 0).convolution + ".weight" }
    var stages: [[Block]] = []
    for stage in 0..<checkpoint.count({ kernelName($0, 0) }) {
      var blocks: [Block] = []
      for place in 0..<checkpoint.count({ kernelName(stage, $0) }) {
        let stride = place > 0 ? 1 : stage > 0 ? 2 : firstStride
        blocks.append(try Block(checkpoint, names, names.block(stage, place), stride: stride, stridesFirst: stridesFirst))
      }
      stages.append(blocks)
    }
    self.init(imageSize: imageSize, first: try checkpoint.outputs("\(names.first.convolution).weight"), stages: stages)
  }
}

extension ResNetConfiguration.Block {
  fileprivate init(
    _ checkpoint: Checkpoint, _ names: ResNetNames, _ stem: String, stride: Int, stridesFirst: Bool
  ) throws(ImportError) {
    var layers: [ResNetConfiguration.Layer] = []
    var isStrided = false
    for place in 0..<checkpoint.count({ names.layer(stem, $0).convolution + ".weight" }) {
      let name = names.layer(stem, place).convolution + ".weight"
      let shape = try checkpoint.shape(name)
      guard shape.count == 4, [1, 3].contains(shape[3]) else { throw checkpoint.bad(name, "shape", "\(shape) is no kernel of 1 or 3") }
      let takesStride = !isStrided && (stridesFirst || shape[3] == 3)
      isStrided = isStrided || takesStride
      layers.append(
        ResNetConfiguration.Layer(kernel: shape[3], stride: takesStride ? stride : 1, outputs: try checkpoint.outputs(name)))
    }
    let shortcut = names.shortcut(stem).convolution + ".weight"
    let hasShortcut = checkpoint.has(shortcut)
    self.init(
      layers: layers,
      shortcut: hasShortcut ? ResNetConfiguration.Layer(kernel: 1, stride: stride, outputs: try checkpoint.outputs(shortcut)) : nil)
  }
}
