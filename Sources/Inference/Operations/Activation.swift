import CKernels
import ModelGraph

/// An activation that no product absorbed.
struct ActivationStep {
  let input: BufferID
  let output: BufferID
  let width: Int
  let activation: Activation
  let multiplier: Float
  let rescale: Float
  let limit: Int32

  func run(_ frame: borrowing Frame, thread: Int) {
    let elements = frame.share(of: frame.rows, thread: thread).elements(width)
    switch activation {
    case .gelu:
      frame.kernels.pointee.gelu(
        frame.pointer(input) + elements.lowerBound, frame.pointer(output) + elements.lowerBound, elements.count, multiplier, rescale,
        limit)
    }
  }
}

extension Range<Int> {
  /// The elements of these rows.
  func elements(_ width: Int) -> Range<Int> { lowerBound * width..<upperBound * width }
}

extension Planner {
  mutating func planActivation(_ node: Node, _ activation: Activation) throws(InferenceError) {
    let output = try quantization(node.output)
    let step = ActivationStep(
      input: buffer(node.inputs[0]), output: buffer(node.output), width: width(node.output), activation: activation,
      multiplier: try quantization(node.inputs[0]).scale, rescale: 1 / output.scale, limit: output.limit)
    emit(.activation(step), reads: [step.input], writes: [step.output])
  }
}
