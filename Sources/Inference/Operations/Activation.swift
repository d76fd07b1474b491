import CKernels
import ModelGraph

/// An activation that no other step absorbed.
struct ActivationStep {
  let input: Rows
  let output: BufferID
  let activation: kernels_activation
  let multiplier: Float
  let rescale: Float
  let limit: Int32

  func run(_ frame: borrowing Frame, thread: Int) {
    let elements = frame.share(of: input.stream, thread: thread).elements(input.width)
    frame.kernels.pointee.activate(
      frame.pointer(input.buffer) + elements.lowerBound, frame.pointer(output) + elements.lowerBound, elements.count, multiplier,
      activation, rescale, limit)
  }
}

extension Range<Int> {
  /// The elements of these rows.
  func elements(_ width: Int) -> Range<Int> { lowerBound * width..<upperBound * width }
}

extension Activation? {
  var kernel: kernels_activation {
    switch self {
    case nil: KERNELS_IDENTITY
    case .gelu: KERNELS_GELU
    case .quickGelu: KERNELS_QUICK_GELU
    case .relu: KERNELS_RELU
    case .relu6: KERNELS_RELU6
    }
  }
}

extension Planner {
  mutating func planActivation(_ node: Node, _ activation: Activation) throws(InferenceError) {
    let output = try quantization(node.output)
    let step = ActivationStep(
      input: rows(node.inputs[0]), output: buffer(node.output), activation: Activation?.some(activation).kernel,
      multiplier: try quantization(node.inputs[0]).scale, rescale: 1 / output.scale, limit: output.limit)
    emit(.activation(step), stream: step.input.stream, reads: [step.input.buffer], writes: [step.output])
  }
}
