import CKernels
import ModelGraph

/// One row to length 1, in float32.
struct L2NormalizeStep {
  let input: BufferID
  let output: BufferID
  let width: Int

  func run(_ frame: borrowing Frame, thread: Int) {
    guard thread == 0 else { return }
    frame.kernels.pointee.l2_normalize(frame.pointer(input), width, frame.pointer(output))
  }
}

extension Planner {
  mutating func planL2Normalize(_ node: Node) {
    let step = L2NormalizeStep(input: buffer(node.inputs[0]), output: buffer(node.output), width: width(node.output))
    emit(.l2Normalize(step), reads: [step.input], writes: [step.output])
  }
}
