import ModelGraph

// What looks through windows. ONNX has channels before positions.
extension GraphWriter {
  /// Over 8-bit codes the kernel `convolve`; over the rows of a signal a product of windows, each of which has a range of its own.
  mutating func convolution(_ node: Node, _ convolution: Convolution, _ target: Target) -> ONNXValue {
    guard case .codes(let inputScale, let zero) = graph[node.inputs[0]].quantization else {
      return product(node, of: windows(over: node, convolution.window), target)
    }
    let isSignal = graph[node.inputs[0]].shape.rank == 3
    let (kernel, scales) = kernel(node, isSignal: isSignal)
    let totals = channelsFirst(integer(node.inputs[0]), node) { writer, image in
      writer.onnx.add(
        "ConvInteger", [image, kernel, writer.onnx.zero(zero, of: .uint8)], .integer("group", convolution.groups),
        .integers("pads", convolution.window.pads(isSignal)), .integers("strides", convolution.window.stride.sizes(isSignal)))
    }
    return scaled(node, onnx.cast(totals, to: .float32), scales, inputScale: inputScale, target)
  }

  /// The kernel as ONNX has it: [outputs, inputs / groups, height, width].
  private mutating func kernel(_ node: Node, isSignal: Bool) -> (ONNXValue, scales: [Float]) {
    let id = node.parameters[0]
    let (values, scales) = matrix(id)
    let sizes = graph[id].shape.sizes
    let (taps, channels) = (sizes[1] * sizes[2], sizes[3])
    let moved = values.indices.map { place in
      let (output, channel, tap) = (place / (taps * channels), place / taps % channels, place % taps)
      return values[(output * taps + tap) * channels + channel]
    }
    let shape = isSignal ? [sizes[0], channels, taps] : [sizes[0], channels, sizes[1], sizes[2]]
    return (onnx.constant(graph[id].name, shape, moved), scales)
  }

  /// The windows of a signal as rows.
  private mutating func windows(over node: Node, _ window: Window) -> CodedRows {
    let count = graph[node.output].shape.imageSize?.width ?? 1
    let taps = window.size.width
    let places = (0..<count * taps).map { $0 / taps * window.stride.width + $0 % taps }
    let windows = onnx.add(
      "Gather", [step(node.inputs[0]), onnx.constant("\(node.name)/places", [count, taps], places)], .integer("axis", 1))
    return coded(onnx.add("Reshape", [windows, onnx.integers([0, count, taps * width(node.inputs[0])])]))
  }

  mutating func maxPool(_ node: Node, _ window: Window) -> ONNXValue {
    channelsFirst(step(node.inputs[0]), node) { writer, image in
      writer.onnx.add(
        "MaxPool", [image], .integers("kernel_shape", window.size.sizes(false)), .integers("pads", window.pads(false)),
        .integers("strides", window.stride.sizes(false)))
    }
  }

  /// What `body` makes of a node's input with channels before positions, with channels last.
  private mutating func channelsFirst(
    _ input: ONNXValue, _ node: Node, _ body: (inout GraphWriter, ONNXValue) -> ONNXValue
  ) -> ONNXValue {
    let rank = graph[node.inputs[0]].shape.rank
    let image = onnx.add("Transpose", [input], .integers("perm", [0, rank - 1] + Array(1..<rank - 1)))
    return onnx.add("Transpose", [body(&self, image)], .integers("perm", [0] + Array(2..<rank) + [1]))
  }
}

extension Window.Size {
  fileprivate func sizes(_ isSignal: Bool) -> [Int] { isSignal ? [width] : [height, width] }
}

extension Window {
  /// Beginnings, then ends.
  fileprivate func pads(_ isSignal: Bool) -> [Int] {
    isSignal ? [padding.left, padding.right] : [padding.top, padding.left, padding.bottom, padding.right]
  }
}
