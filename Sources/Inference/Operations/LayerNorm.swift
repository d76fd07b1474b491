import CKernels
import ModelGraph

/// Layer norm of int16 rows.
struct LayerNormStep {
  let input: Rows
  let output: BufferID
  /// In units of the input's step squared.
  let epsilon: Double
  let gain: UnsafePointer<Float>
  let shift: UnsafePointer<Float>
  let limit: Int32

  func run(_ frame: borrowing Frame, thread: Int) {
    let rows = frame.share(of: input.stream, thread: thread)
    let start = rows.lowerBound * input.width
    frame.kernels.pointee.layer_norm(
      frame.pointer(input.buffer) + start, input.width, rows.count, input.width, epsilon, gain, shift, frame.pointer(output) + start,
      input.width, limit)
  }
}

extension Planner {
  mutating func planLayerNorm(_ node: Node, epsilon: Float) throws(InferenceError) {
    let inputScale = Double(try quantization(node.inputs[0]).scale)
    let output = try quantization(node.output)
    let gain = try vector(node.parameters[0])
    let shift = try vector(node.parameters[1])
    let step = LayerNormStep(
      input: rows(node.inputs[0]), output: buffer(node.output), epsilon: Double(epsilon) / (inputScale * inputScale),
      gain: constant(width(node.output), of: gain, over: output.scale), shift: constant(width(node.output), of: shift, over: output.scale),
      limit: output.limit)
    emit(.layerNorm(step), stream: step.input.stream, reads: [step.input.buffer], writes: [step.output])
  }
}
