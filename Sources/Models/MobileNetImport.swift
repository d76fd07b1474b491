import BundleFormat
import JSONFormat

extension HuggingFaceModel {
  /// MobileNetV2 as Hugging Face names it. Channels are those of the tensors.
  static func mobileNet(_ directory: ModelDirectory) throws(ImportError) -> HuggingFaceModel {
    let root = directory.configuration
    try root["num_channels"].expect(.integer(3))
    try root["output_stride"].expect(.integer(32))
    try root["hidden_act"].expect(.string("relu6"))
    let checkpoint = try directory.checkpoint(without: "mobilenet_v2.")
    let isSame = try root["tf_padding"].boolean(default: true)
    let configuration = try MobileNetConfiguration(
      checkpoint, .huggingFace, imageSize: root["image_size"].edge(1...ImageInput.largestEdge), padding: isSame ? .same : .symmetric,
      epsilon: root["layer_norm_eps"].isAbsent ? 0.001 : root["layer_norm_eps"].number(1e-30...0.5))
    let image = try ImageFiles(directory: directory).read(edge: configuration.imageSize)
    let labels = try checkpoint.outputs(ifAny: "classifier.weight")
    return try mobileNet(configuration, .huggingFace, checkpoint, labels: labels)
      .with(image: image, labels: try labels.map { count throws(ImportError) in try directory.labels(count: count) } ?? [])
  }

  /// The same, as timm names it.
  static func timmMobileNet(_ directory: ModelDirectory) throws(ImportError) -> HuggingFaceModel {
    let files = ImageFiles(directory: directory)
    let image = try files.readTimm()
    let checkpoint = try directory.checkpoint()
    let configuration = try MobileNetConfiguration(
      checkpoint, .timm, imageSize: image.height, padding: .symmetric, epsilon: 1e-5)
    let labels = try checkpoint.outputs(ifAny: "classifier.weight")
    return try mobileNet(configuration, .timm, checkpoint, labels: labels)
      .with(image: image, labels: try labels.map { count throws(ImportError) in try files.timmLabels(count: count) } ?? [])
  }

  private static func mobileNet(
    _ configuration: MobileNetConfiguration, _ names: MobileNetNames, _ checkpoint: Checkpoint, labels: Int?
  ) throws(ImportError) -> HuggingFaceModel {
    var encoder = EncoderBuilder()
    let output = encoder.mobileNet(configuration, names, labels: labels)
    return try HuggingFaceModel(encoder, outputs: [output], checkpoint: checkpoint)
  }
}

extension MobileNetConfiguration {
  /// With the channels of a checkpoint. Blocks have a sum where both channels and size stay; Hugging Face's first never has.
  fileprivate init(
    _ checkpoint: Checkpoint, _ names: MobileNetNames, imageSize: Int, padding: Padding, epsilon: Double
  ) throws(ImportError) {
    func outputs(_ names: FoldedNames) throws(ImportError) -> Int { try checkpoint.outputs("\(names.convolution).weight") }
    let first = try outputs(names.first)
    var (inputs, number) = (first, 0)
    var stages: [[Block]] = []
    for (stage, depth) in Self.depths.enumerated() {
      var blocks: [Block] = []
      for place in 0..<depth {
        let own = names.block(stage, place, number)
        let stride = place == 0 ? Self.strides[stage] : 1
        let width = try outputs(own.reduce)
        let expand = own.expand.flatMap { checkpoint.has("\($0.convolution).weight") ? $0 : nil }
        let hasSum = stride == 1 && width == inputs && (number > 0 || !names.isFirstPlain)
        blocks.append(Block(expanded: try expand.map(outputs), outputs: width, stride: stride, isResidual: hasSum))
        (inputs, number) = (width, number + 1)
      }
      stages.append(blocks)
    }
    self.init(imageSize: imageSize, first: first, stages: stages, last: try outputs(names.last), padding: padding, epsilon: epsilon)
  }
}
