import CKernels
import ModelGraph

/// The sum of two tensors of different scales, and the activation where one follows at once.
struct AddStep {
  let first: Rows
  let second: BufferID
  let output: BufferID
  let firstMultiplier: Float
  /// One number.
  let secondMultiplier: UnsafePointer<Float>
  let activation: kernels_activation
  let rescale: Float
  let limit: Int32

  func run(_ frame: borrowing Frame, thread: Int) {
    let elements = frame.share(of: first.stream, thread: thread).elements(first.width)
    frame.kernels.pointee.add(
      frame.pointer(first.buffer) + elements.lowerBound, firstMultiplier, frame.pointer(second) + elements.lowerBound,
      secondMultiplier.pointee, frame.pointer(output) + elements.lowerBound, elements.count, activation, rescale, limit)
  }
}

extension Planner {
  mutating func planAdd(_ node: Node, fused: Node?) throws(InferenceError) {
    try planSum(node, fused: fused) { $0 }
  }

  mutating func planGatedAdd(_ node: Node, fused: Node?) throws(InferenceError) {
    let gate = try vector(node.parameters[0])
    try planSum(node, fused: fused) { kernels_tanh(gate.pointee) * $0 }
  }

  /// `factor` turns the second input's multiplier into the one that counts.
  private mutating func planSum(_ node: Node, fused: Node?, factor: @escaping (Float) -> Float) throws(InferenceError) {
    try expectSameRows(node.inputs[0], node.inputs[1], node)
    let result = fused?.output ?? node.output
    let output = try quantization(result)
    let divisor = fused == nil ? output.scale : 1
    let second = try quantization(node.inputs[1]).scale / divisor
    let step = AddStep(
      first: rows(node.inputs[0]), second: buffer(node.inputs[1]), output: buffer(result),
      firstMultiplier: try quantization(node.inputs[0]).scale / divisor, secondMultiplier: constant(1) { _ in factor(second) },
      activation: (fused?.activation).kernel, rescale: 1 / output.scale, limit: output.limit)
    emit(.add(step), stream: step.first.stream, reads: [step.first.buffer, step.second], writes: [step.output])
  }
}
