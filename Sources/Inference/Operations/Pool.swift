import CKernels
import ModelGraph

/// The mean over all rows; threads share out the columns.
struct MeanPoolStep {
  let input: Rows
  let output: BufferID
  let rescale: Float
  let limit: Int32

  func run(_ frame: borrowing Frame, thread: Int) {
    let rows = frame.count(input.stream)
    guard rows > 0 else { return }
    let columns = frame.share(of: input.width, thread: thread)
    frame.kernels.pointee.mean_pool(
      frame.pointer(input.buffer) + columns.lowerBound, input.width, rows, columns.count, rescale,
      frame.pointer(output) + columns.lowerBound, limit)
  }
}

/// The first or the last row.
struct PickRowStep {
  let input: Rows
  let output: BufferID
  let isLast: Bool
  let rescale: Float
  let limit: Int32

  func run(_ frame: borrowing Frame, thread: Int) {
    let rows = frame.count(input.stream)
    guard thread == 0, rows > 0 else { return }
    let row = isLast ? rows - 1 : 0
    frame.rescale(input.buffer, (row..<row + 1).elements(input.width), by: rescale, to: frame.pointer(output), limit: limit)
  }
}

extension Planner {
  mutating func planPool(_ node: Node, _ kind: Pool) throws(InferenceError) {
    let output = try quantization(node.output)
    let input = rows(node.inputs[0])
    let rescale = try quantization(node.inputs[0]).scale / output.scale
    let result = buffer(node.output)
    let step: Step =
      switch kind {
      case .mean: .meanPool(MeanPoolStep(input: input, output: result, rescale: rescale, limit: output.limit))
      case .first, .last:
        .pickRow(PickRowStep(input: input, output: result, isLast: kind == .last, rescale: rescale, limit: output.limit))
      }
    emit(step, stream: input.stream, reads: [input.buffer], writes: [result])
  }
}
