import CKernels
import ModelGraph

/// The mean over the sequence.
struct MeanPoolStep {
  let input: BufferID
  let output: BufferID
  let width: Int
  let rescale: Float
  let limit: Int32

  func run(_ frame: borrowing Frame, thread: Int) {
    let columns = frame.share(of: width, thread: thread)
    frame.kernels.pointee.mean_pool(
      frame.pointer(input) + columns.lowerBound, width, frame.rows, columns.count, rescale, frame.pointer(output) + columns.lowerBound,
      limit)
  }
}

extension Planner {
  mutating func planPool(_ node: Node, _ kind: Pool) throws(InferenceError) {
    switch kind {
    case .mean:
      let output = try quantization(node.output)
      let step = MeanPoolStep(
        input: buffer(node.inputs[0]), output: buffer(node.output), width: width(node.output),
        rescale: try quantization(node.inputs[0]).scale / output.scale, limit: output.limit)
      emit(.meanPool(step), reads: [step.input], writes: [step.output])
    }
  }
}
