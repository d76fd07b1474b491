package import ModelGraph

/// The sizes of a residual network. (He et al. 2015)
package struct ResNetConfiguration: Hashable, Sendable {
  /// One convolution of a block.
  package struct Layer: Hashable, Sendable {
    package let kernel: Int
    package let stride: Int
    package let outputs: Int

    package init(kernel: Int, stride: Int, outputs: Int) {
      self.kernel = kernel
      self.stride = stride
      self.outputs = outputs
    }
  }

  /// Convolutions in a row, to whose result the input is added.
  package struct Block: Hashable, Sendable {
    package let layers: [Layer]
    /// The convolution that brings the input to the result's shape; nil where it has it.
    package let shortcut: Layer?

    package init(layers: [Layer], shortcut: Layer?) {
      self.layers = layers
      self.shortcut = shortcut
    }
  }

  package let imageSize: Int
  /// Channels of the first convolution.
  package let first: Int
  package let stages: [[Block]]
  /// Of the batch norms.
  package let epsilon: Double

  package init(imageSize: Int, first: Int, stages: [[Block]], epsilon: Double = 1e-5) {
    self.imageSize = imageSize
    self.first = first
    self.stages = stages
    self.epsilon = epsilon
  }
}

/// Adds a residual network: pixels [batch, size, size, 3] → `logits` [batch, labels], or without labels `embedding` [batch, last]. Batch
/// norms are folded into the convolutions, which have the names of Hugging Face. Segments are `features`, `encoder.0` …, a stage each, and
/// `head` or `pooling`; all but the last end in a split point. (He et al. 2015)
package func resNet(into builder: inout GraphBuilder, _ configuration: ResNetConfiguration, labels: Int?) -> TensorID {
  var encoder = EncoderBuilder(builder)
  let output = encoder.resNet(configuration, .huggingFace, labels: labels)
  builder = encoder.graph
  return output
}

/// The names of a residual network's parameters in a checkpoint.
struct ResNetNames {
  let first: FoldedNames
  /// The stem of a block, by stage and place.
  let block: @Sendable (Int, Int) -> String
  /// A block's convolutions, by its stem and their place.
  let layer: @Sendable (String, Int) -> FoldedNames
  let shortcut: @Sendable (String) -> FoldedNames
  let head: String
}

extension EncoderBuilder {
  mutating func resNet(_ configuration: ResNetConfiguration, _ names: ResNetNames, labels: Int?) -> TensorID {
    let size = Window.Size(height: configuration.imageSize, width: configuration.imageSize)
    let pixels = input("pixels", .image(size, 3))
    let first = ResNetConfiguration.Layer(kernel: 7, stride: 2, outputs: configuration.first)
    let active = layer("features.convolution", names.first, first, pixels, configuration, activation: .relu)
    var image = close("features", largest("features.pool", active))
    for (stage, blocks) in configuration.stages.enumerated() {
      for (place, block) in blocks.enumerated() {
        image = residual("encoder.\(stage).\(place)", names, names.block(stage, place), block, image, configuration)
      }
      image = close("encoder.\(stage)", image)
    }
    return imageHead(names.head, labels: labels, image)
  }

  private mutating func largest(_ name: String, _ input: TensorID) -> TensorID {
    let window = Window(3, stride: 2, padding: Window.Padding(1))
    let size = shape(input).imageSize.flatMap { window.positions(over: $0) } ?? Window.Size(height: 1, width: 1)
    return node(name, .maxPool(window), input, shape: .image(size, width(input)))
  }

  private mutating func residual(
    _ name: String, _ names: ResNetNames, _ stem: String, _ block: ResNetConfiguration.Block, _ input: TensorID,
    _ configuration: ResNetConfiguration
  ) -> TensorID {
    let codes = node("\(name).codes", .quantize, input)
    var image = codes
    for (place, own) in block.layers.enumerated() {
      let isLast = place == block.layers.count - 1
      image = layer("\(name).\(place)", names.layer(stem, place), own, image, configuration, activation: isLast ? nil : .relu)
    }
    let other = block.shortcut.map {
      layer("\(name).shortcut", names.shortcut(stem), $0, codes, configuration, activation: nil)
    }
    let sum = node("\(name).sum", .add, image, other ?? input)
    return node("\(name).relu", .activation(.relu), sum)
  }

  private mutating func layer(
    _ name: String, _ names: FoldedNames, _ layer: ResNetConfiguration.Layer, _ input: TensorID, _ configuration: ResNetConfiguration,
    activation: Activation?
  ) -> TensorID {
    let window = Window(layer.kernel, stride: layer.stride, padding: Window.Padding(layer.kernel / 2))
    return folded(
      name, names, input, Convolution(window), outputs: layer.outputs, epsilon: configuration.epsilon, activation: activation)
  }
}

extension ResNetNames {
  /// Without the prefix `resnet.`.
  static let huggingFace = ResNetNames(
    first: .huggingFace("embedder.embedder"), block: { "encoder.stages.\($0).layers.\($1)" },
    layer: { .huggingFace("\($0).layer.\($1)") }, shortcut: { .huggingFace("\($0).shortcut") }, head: "classifier.1")

  static let timm = ResNetNames(
    first: FoldedNames(convolution: "conv1", norm: "bn1"), block: { "layer\($0 + 1).\($1)" },
    layer: { FoldedNames(convolution: "\($0).conv\($1 + 1)", norm: "\($0).bn\($1 + 1)") },
    shortcut: { FoldedNames(convolution: "\($0).downsample.0", norm: "\($0).downsample.1") }, head: "fc")
}
