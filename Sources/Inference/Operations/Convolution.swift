import CKernels
import ModelGraph

/// A convolution of an image of 8-bit codes, with bias and, where one follows at once, the activation.
struct ConvolutionStep {
  /// Where the results go.
  enum Output {
    case rows(BufferID, limit: Int32)
    case image(CodeImage)
  }

  let input: CodeImage
  let output: Output
  let convolution: Convolution
  let positions: Window.Size
  let isDepthwise: Bool
  let weights: UnsafePointer<Int8>
  let sums: UnsafePointer<Int32>
  let multiplier: UnsafePointer<Float>
  let bias: UnsafePointer<Float>
  let outputs: Int
  let activation: kernels_activation
  let rescale: Float

  /// Threads share out the windows, since what one writes it mostly reads in the next step; but where there is more of weights than of
  /// images, the outputs.
  func run(_ frame: borrowing Frame, thread: Int) {
    guard frame.count(input.stream) > 0 else { return }
    if case .image(let image) = output { image.fillEdge(frame, thread: thread) }
    var arguments = arguments(frame)
    let windows = positions.height * positions.width
    if isDepthwise {
      let own = frame.share(of: windows, thread: thread)
      frame.kernels.pointee.depthwise(&arguments, own.lowerBound, own.upperBound)
    } else if convolution.groups > 1 {
      for group in frame.share(of: convolution.groups, thread: thread) { convolve(group, arguments, frame) }
    } else if outputs * arguments.parts * arguments.length > input.elements + windows * outputs {
      let columns = frame.share(of: outputs, block: LinearStep.columnsOfShare, thread: thread)
      frame.kernels.pointee.convolve(&arguments, 0, windows, columns.lowerBound, columns.upperBound)
    } else {
      let own = frame.share(of: windows, block: Self.windowsOfShare, thread: thread)
      frame.kernels.pointee.convolve(&arguments, own.lowerBound, own.upperBound, 0, outputs)
    }
  }

  /// Windows of a share are a multiple of the highest tile.
  private static let windowsOfShare = 12

  private func arguments(_ frame: borrowing Frame) -> kernels_convolution_arguments {
    let runs = convolution.runs(inputChannels: input.channels)
    let window = convolution.window
    let origin = input.offset(line: -window.padding.top, column: -window.padding.left)
    var arguments = kernels_convolution_arguments()
    arguments.x = UnsafePointer(frame.pointer(input.buffer, as: UInt8.self) + origin)
    arguments.part_stride = convolution.groups == 1 || isDepthwise ? input.lineStride : input.channels
    arguments.column_stride = window.stride.width * input.channels
    arguments.line_stride = window.stride.height * input.lineStride
    arguments.line_windows = positions.width
    (arguments.parts, arguments.length) = isDepthwise ? (window.size.height, window.size.width) : runs
    arguments.zero = Int32(input.zero)
    (arguments.weights, arguments.sums, arguments.multiplier, arguments.bias) = (weights, sums, multiplier, bias)
    arguments.outputs = outputs
    (arguments.activation, arguments.rescale) = (activation, rescale)
    switch output {
    case .rows(let buffer, let limit):
      arguments.y = frame.pointer(buffer)
      (arguments.y_column_stride, arguments.y_line_stride) = (outputs, positions.width * outputs)
      arguments.limit = limit
    case .image(let image):
      arguments.y_codes = frame.pointer(image.buffer, as: UInt8.self) + image.offset(line: 0, column: 0)
      (arguments.y_column_stride, arguments.y_line_stride) = (image.channels, image.lineStride)
      arguments.y_zero = Int32(image.zero)
    }
    return arguments
  }

  /// One group: its channels of the input, its rows of the matrix, its channels of the result.
  private func convolve(_ group: Int, _ all: kernels_convolution_arguments, _ frame: borrowing Frame) {
    let columns = outputs / convolution.groups
    let first = group * columns
    let depth = Int(KERNELS_BLOCK_DEPTH)
    var own = all
    own.x += group * (input.channels / convolution.groups)
    own.weights += first * own.parts * ((own.length + depth - 1) / depth * depth)
    own.sums += first
    own.multiplier += first
    own.bias += first
    if own.y != nil { own.y += first }
    if own.y_codes != nil { own.y_codes += first }
    own.outputs = columns
    frame.kernels.pointee.convolve(&own, 0, positions.height * positions.width, 0, columns)
  }
}

extension Planner {
  mutating func planConvolution(_ node: Node, _ convolution: Convolution, fused: Node?) throws(InferenceError) {
    if graph[node.inputs[0]].dataType == .int16 { return try planSignalConvolution(node, convolution, fused: fused) }
    let input = try image(node.inputs[0])
    guard case .codes(let inputScale, _) = graph[node.inputs[0]].quantization,
      let positions = convolution.window.positions(over: input.size)
    else { throw .notQuantized(tensor: node.name) }
    let result = fused?.output ?? node.output
    let (output, outputScale) = try convolutionOutput(result)
    let outputs = width(node.output)
    let weight = try matrix(node.parameters[0])
    let bias = node.parameters.count > 1 ? try vector(node.parameters[1]) : nil
    let divisor = fused == nil ? outputScale : 1
    let isDepthwise = convolution.isDepthwise(inputChannels: input.channels, outputChannels: outputs)
    let step = ConvolutionStep(
      input: input, output: output, convolution: convolution, positions: positions, isDepthwise: isDepthwise, weights: weight.values,
      sums: weight.sums ?? tapSums(weight, taps: convolution.window.size.height * convolution.window.size.width, channels: outputs),
      multiplier: constant(outputs, of: weight.scales, times: inputScale, over: divisor),
      bias: constant(outputs, of: bias, over: divisor), outputs: outputs, activation: (fused?.activation).kernel,
      rescale: 1 / outputScale)
    emit(.convolution(step), stream: input.stream, reads: [input.buffer], writes: [buffer(result)])
  }

  private mutating func convolutionOutput(_ id: TensorID) throws(InferenceError) -> (ConvolutionStep.Output, scale: Float) {
    if case .codes(let scale, _) = graph[id].quantization { return (.image(try image(id)), scale) }
    let (scale, limit) = try quantization(id)
    return (.rows(buffer(id), limit: limit), scale)
  }

  /// The sums of each channel's weights in a depthwise convolution.
  private func tapSums(_ weight: QuantizedMatrix, taps: Int, channels: Int) -> UnsafePointer<Int32> {
    let values = weight.values
    let sums = constant(channels) { channel in
      Float(bitPattern: UInt32(bitPattern: (0..<taps).reduce(Int32(0)) { $0 + Int32(values[$1 * channels + channel]) }))
    }
    return UnsafeRawPointer(sums).assumingMemoryBound(to: Int32.self)
  }

  /// The windows of a signal are rows that overlap, each with a range of its own.
  private mutating func planSignalConvolution(_ node: Node, _ convolution: Convolution, fused: Node?) throws(InferenceError) {
    let input = rows(node.inputs[0])
    let windows = addRowBuffers(stream(node.output), width: convolution.window.size.width * input.width)
    emitQuantization(of: input, stride: convolution.window.stride.width * input.width, to: windows)
    try planProduct(node, of: windows, fused: fused)
  }
}
