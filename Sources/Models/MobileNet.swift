package import ModelGraph

/// The sizes of a MobileNetV2. (Sandler et al. 2018)
package struct MobileNetConfiguration: Hashable, Sendable {
  /// An inverted residual: expansion, convolution of each channel by itself, projection.
  package struct Block: Hashable, Sendable {
    /// Channels between; nil where there is no expansion.
    package let expanded: Int?
    package let outputs: Int
    package let stride: Int
    /// Whether the input is added to the output, which then has its shape.
    package let isResidual: Bool

    package init(expanded: Int?, outputs: Int, stride: Int, isResidual: Bool) {
      self.expanded = expanded
      self.outputs = outputs
      self.stride = stride
      self.isResidual = isResidual
    }
  }

  /// Where zeros stand around an image.
  package enum Padding: Hashable, Sendable {
    case symmetric
    /// As TensorFlow's "SAME": as many as the windows need, the odd one after.
    case same
  }

  package let imageSize: Int
  /// Channels of the first convolution, which belongs to the first stage.
  package let first: Int
  package let stages: [[Block]]
  /// Channels of the last convolution.
  package let last: Int
  package let padding: Padding
  /// Of the batch norms.
  package let epsilon: Double

  package init(imageSize: Int, first: Int, stages: [[Block]], last: Int, padding: Padding, epsilon: Double) {
    self.imageSize = imageSize
    self.first = first
    self.stages = stages
    self.last = last
    self.padding = padding
    self.epsilon = epsilon
  }

  /// Blocks of each stage, and the stride of each stage's first.
  static let depths = [1, 2, 3, 4, 3, 3, 1]
  static let strides = [1, 2, 2, 2, 1, 2, 1]
}

/// Adds a MobileNetV2: pixels [batch, size, size, 3] → `logits` [batch, labels], or without labels `embedding` [batch, last]. Batch norms
/// are folded into the convolutions, which have the names of Hugging Face. Segments are `features`, `encoder.0` … `encoder.5`, a stage
/// each, and `head` or `pooling`; all but the last end in a split point. (Sandler et al. 2018)
package func mobileNet(into builder: inout GraphBuilder, _ configuration: MobileNetConfiguration, labels: Int?) -> TensorID {
  var encoder = EncoderBuilder(builder)
  let output = encoder.mobileNet(configuration, .huggingFace, labels: labels)
  builder = encoder.graph
  return output
}

/// The names of a MobileNetV2's parameters in a checkpoint.
struct MobileNetNames {
  struct Block {
    /// Nil where there never is an expansion.
    let expand: FoldedNames?
    let depthwise: FoldedNames
    let reduce: FoldedNames
  }

  let first: FoldedNames
  /// By stage, place in the stage and place among all blocks.
  let block: @Sendable (Int, Int, Int) -> Block
  let last: FoldedNames
  let head: String
  /// Whether the first block is without a sum, even where its input would fit.
  let isFirstPlain: Bool
}

extension EncoderBuilder {
  mutating func mobileNet(_ configuration: MobileNetConfiguration, _ names: MobileNetNames, labels: Int?) -> TensorID {
    let image = mobileNetStages(configuration, names, mobileNetFeatures(configuration, names))
    let last = mobileNetLast(labels == nil ? "pooling" : "head", configuration, names, image)
    return imageHead(names.head, labels: labels, last)
  }

  /// Pixels → the image of the first stage.
  mutating func mobileNetFeatures(_ configuration: MobileNetConfiguration, _ names: MobileNetNames) -> TensorID {
    let size = Window.Size(height: configuration.imageSize, width: configuration.imageSize)
    let pixels = input("pixels", .image(size, 3))
    let first = convolve(
      "features.convolution", names.first, pixels, configuration, outputs: configuration.first, kernel: 3, stride: 2)
    return mobileNetStage(0, configuration, names, first)
  }

  /// The image of the first stage → that of the last.
  mutating func mobileNetStages(
    _ configuration: MobileNetConfiguration, _ names: MobileNetNames, _ first: TensorID
  ) -> TensorID {
    configuration.stages.indices.dropFirst().reduce(first) { mobileNetStage($1, configuration, names, $0) }
  }

  private mutating func mobileNetStage(
    _ stage: Int, _ configuration: MobileNetConfiguration, _ names: MobileNetNames, _ input: TensorID
  ) -> TensorID {
    let segment = stage == 0 ? "features" : "encoder.\(stage - 1)"
    let before = configuration.stages[..<stage].reduce(0) { $0 + $1.count }
    var image = input
    for (place, block) in configuration.stages[stage].enumerated() {
      let own = names.block(stage, place, before + place)
      image = invertedResidual("\(segment).\(place)", own, block, image, isDirect: before + place == 0, configuration)
    }
    return close(segment, image)
  }

  /// The last convolution.
  mutating func mobileNetLast(
    _ segment: String, _ configuration: MobileNetConfiguration, _ names: MobileNetNames, _ input: TensorID
  ) -> TensorID {
    let codes = node("\(segment).codes", .quantize, input)
    return convolve("\(segment).convolution", names.last, codes, configuration, outputs: configuration.last)
  }

  /// `isDirect`: the input comes from a convolution that only this one reads.
  private mutating func invertedResidual(
    _ name: String, _ names: MobileNetNames.Block, _ block: MobileNetConfiguration.Block, _ input: TensorID, isDirect: Bool,
    _ configuration: MobileNetConfiguration
  ) -> TensorID {
    var image = isDirect && !block.isResidual ? input : node("\(name).codes", .quantize, input)
    if let expanded = block.expanded, let names = names.expand {
      image = convolve("\(name).expand", names, image, configuration, outputs: expanded)
    }
    image = convolve(
      "\(name).depthwise", names.depthwise, image, configuration, outputs: width(image), kernel: 3, stride: block.stride,
      groups: width(image))
    let reduced = convolve("\(name).reduce", names.reduce, image, configuration, outputs: block.outputs, activation: nil)
    return block.isResidual ? node("\(name).sum", .add, input, reduced) : reduced
  }

  private mutating func convolve(
    _ name: String, _ names: FoldedNames, _ input: TensorID, _ configuration: MobileNetConfiguration, outputs: Int, kernel: Int = 1,
    stride: Int = 1, groups: Int = 1, activation: Activation? = .relu6
  ) -> TensorID {
    let size = shape(input).imageSize ?? Window.Size(height: 1, width: 1)
    let padding = configuration.padding.around(size, kernel: kernel, stride: stride)
    let convolution = Convolution(Window(kernel, stride: stride, padding: padding), groups: groups)
    return folded(name, names, input, convolution, outputs: outputs, epsilon: configuration.epsilon, activation: activation)
  }
}

extension MobileNetConfiguration.Padding {
  fileprivate func around(_ size: Window.Size, kernel: Int, stride: Int) -> Window.Padding {
    guard self == .same else { return Window.Padding(kernel / 2) }
    func needed(_ edge: Int) -> Int { max(kernel - (edge % stride == 0 ? stride : edge % stride), 0) }
    let (height, width) = (needed(size.height), needed(size.width))
    return Window.Padding(top: height / 2, bottom: height - height / 2, left: width / 2, right: width - width / 2)
  }
}

extension MobileNetNames {
  /// Without the prefix `mobilenet_v2.`.
  static let huggingFace = MobileNetNames(
    first: .huggingFace("conv_stem.first_conv"),
    block: { _, _, number in
      let stem = number == 0 ? "conv_stem" : "layer.\(number - 1)"
      return Block(
        expand: .huggingFace("\(stem).expand_1x1"), depthwise: .huggingFace("\(stem).conv_3x3"),
        reduce: .huggingFace("\(stem).reduce_1x1"))
    },
    last: .huggingFace("conv_1x1"), head: "classifier", isFirstPlain: true)

  static let timm = MobileNetNames(
    first: FoldedNames(convolution: "conv_stem", norm: "bn1"),
    block: { stage, place, number in
      func names(_ convolution: String, _ norm: String) -> FoldedNames {
        FoldedNames(convolution: "blocks.\(stage).\(place).\(convolution)", norm: "blocks.\(stage).\(place).\(norm)")
      }
      let isFirst = number == 0
      return Block(
        expand: isFirst ? nil : names("conv_pw", "bn1"), depthwise: names("conv_dw", isFirst ? "bn1" : "bn2"),
        reduce: isFirst ? names("conv_pw", "bn2") : names("conv_pwl", "bn3"))
    },
    last: FoldedNames(convolution: "conv_head", norm: "bn2"), head: "classifier", isFirstPlain: false)
}

extension FoldedNames {
  /// As the convolutional layers of Hugging Face have them.
  static func huggingFace(_ stem: String) -> FoldedNames {
    FoldedNames(convolution: "\(stem).convolution", norm: "\(stem).normalization")
  }
}
