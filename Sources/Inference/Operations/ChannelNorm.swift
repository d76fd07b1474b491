import CKernels
import ModelGraph

/// Each channel normalised over all rows, and the activation where one follows at once; threads share out the channels.
struct ChannelNormStep {
  let input: Rows
  let output: BufferID
  /// In units of the input's step squared.
  let epsilon: Double
  let gain: UnsafePointer<Float>
  let shift: UnsafePointer<Float>
  let activation: kernels_activation
  let rescale: Float
  let limit: Int32

  /// Channels of a share are a multiple of the widest pair of vectors.
  private static let channelsOfShare = 32

  func run(_ frame: borrowing Frame, thread: Int) {
    let rows = frame.count(input.stream)
    let channels = frame.share(of: input.width, block: Self.channelsOfShare, thread: thread)
    guard rows > 0, !channels.isEmpty else { return }
    let first = channels.lowerBound
    var arguments = kernels_channel_norm_arguments(
      x: frame.pointer(input.buffer) + first, x_stride: input.width, m: rows, width: channels.count, epsilon: epsilon,
      gain: gain + first, shift: shift + first, activation: activation, rescale: rescale, y: frame.pointer(output) + first,
      y_stride: input.width, limit: limit)
    frame.kernels.pointee.channel_norm(&arguments)
  }
}

extension Planner {
  mutating func planChannelNorm(_ node: Node, epsilon: Float, fused: Node?) throws(InferenceError) {
    let result = fused?.output ?? node.output
    let inputScale = Double(try quantization(node.inputs[0]).scale)
    let output = try quantization(result)
    let divisor = fused == nil ? output.scale : 1
    let gain = try vector(node.parameters[0])
    let shift = try vector(node.parameters[1])
    let step = ChannelNormStep(
      input: rows(node.inputs[0]), output: buffer(result), epsilon: Double(epsilon) / (inputScale * inputScale),
      gain: constant(width(node.output), of: gain, over: divisor), shift: constant(width(node.output), of: shift, over: divisor),
      activation: (fused?.activation).kernel, rescale: 1 / output.scale, limit: output.limit)
    emit(.channelNorm(step), stream: step.input.stream, reads: [step.input.buffer], writes: [step.output])
  }
}
