import CKernels
import ModelGraph

/// Layer norm of int16 rows.
struct LayerNormStep {
  let input: BufferID
  let output: BufferID
  let width: Int
  /// In units of the input's step squared.
  let epsilon: Double
  let gain: UnsafePointer<Float>
  let shift: UnsafePointer<Float>
  let limit: Int32

  func run(_ frame: borrowing Frame, thread: Int) {
    let rows = frame.share(of: frame.rows, thread: thread)
    frame.kernels.pointee.layer_norm(
      frame.pointer(input) + rows.lowerBound * width, width, rows.count, width, epsilon, gain, shift,
      frame.pointer(output) + rows.lowerBound * width, width, limit)
  }
}

extension Planner {
  mutating func planLayerNorm(_ node: Node, epsilon: Float) throws(InferenceError) {
    let inputScale = Double(try quantization(node.inputs[0]).scale)
    let output = try quantization(node.output)
    let gain = try vector(node.parameters[0])
    let shift = try vector(node.parameters[1])
    let width = width(node.output)
    let step = LayerNormStep(
      input: buffer(node.inputs[0]), output: buffer(node.output), width: width, epsilon: Double(epsilon) / (inputScale * inputScale),
      gain: constants.make(width) { gain[$0] / output.scale }, shift: constants.make(width) { shift[$0] / output.scale },
      limit: output.limit)
    emit(.layerNorm(step), reads: [step.input], writes: [step.output])
  }
}
