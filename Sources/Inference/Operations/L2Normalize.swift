import CKernels
import ModelGraph

/// One row to length 1, in float32.
struct L2NormalizeStep {
  let input: Rows
  let output: BufferID

  func run(_ frame: borrowing Frame, thread: Int) {
    guard thread == 0, frame.count(input.stream) > 0 else { return }
    frame.kernels.pointee.l2_normalize(frame.pointer(input.buffer), input.width, frame.pointer(output))
  }
}

extension Planner {
  mutating func planL2Normalize(_ node: Node) {
    let step = L2NormalizeStep(input: rows(node.inputs[0]), output: buffer(node.output))
    emit(.l2Normalize(step), stream: step.input.stream, reads: [step.input.buffer], writes: [step.output])
  }
}
