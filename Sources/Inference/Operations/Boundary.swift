import CKernels
import ModelGraph

/// 8-bit codes → int16 rows.
struct DequantizeRowsStep {
  let input: RowBuffers
  let output: BufferID

  func run(_ frame: borrowing Frame, thread: Int) {
    let rows = frame.share(of: input.stream, thread: thread)
    guard !rows.isEmpty else { return }
    frame.kernels.pointee.dequantize_rows(
      frame.rows(input).advanced(by: rows.lowerBound), rows.count, input.width,
      frame.pointer(output) + rows.lowerBound * input.width, input.width)
  }
}

extension Planner {
  /// A boundary's codes are its value: what follows reads them, or rows decoded from them.
  mutating func planBoundary(_ node: Node) {
    let rows = quantizedRows(node.inputs[0])
    cross(node, rows: rows)
    let step = DequantizeRowsStep(input: rows, output: buffer(node.output))
    emit(.dequantizeRows(step), stream: rows.stream, reads: rows.all, writes: [step.output])
  }
}
