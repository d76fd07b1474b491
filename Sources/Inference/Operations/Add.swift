import CKernels
import ModelGraph

/// The sum of two tensors of different scales.
struct AddStep {
  let first: BufferID
  let second: BufferID
  let output: BufferID
  let width: Int
  let firstMultiplier: Float
  let secondMultiplier: Float
  let limit: Int32

  func run(_ frame: borrowing Frame, thread: Int) {
    let elements = frame.share(of: frame.rows, thread: thread).elements(width)
    frame.kernels.pointee.add(
      frame.pointer(first) + elements.lowerBound, firstMultiplier, frame.pointer(second) + elements.lowerBound, secondMultiplier,
      frame.pointer(output) + elements.lowerBound, elements.count, limit)
  }
}

extension Planner {
  mutating func planAdd(_ node: Node) throws(InferenceError) {
    let output = try quantization(node.output)
    let step = AddStep(
      first: buffer(node.inputs[0]), second: buffer(node.inputs[1]), output: buffer(node.output), width: width(node.output),
      firstMultiplier: try quantization(node.inputs[0]).scale / output.scale,
      secondMultiplier: try quantization(node.inputs[1]).scale / output.scale, limit: output.limit)
    emit(.add(step), reads: [step.first, step.second], writes: [step.output])
  }
}
