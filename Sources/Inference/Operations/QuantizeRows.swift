import CKernels
import ModelGraph

/// int16 rows → 8-bit codes, each row with its own range.
struct QuantizeRowsStep {
  let input: BufferID
  let output: RowBuffers

  func run(_ frame: borrowing Frame, thread: Int) {
    let rows = frame.share(of: frame.rows, thread: thread)
    guard !rows.isEmpty else { return }
    frame.kernels.pointee.quantize_rows(
      frame.pointer(input) + rows.lowerBound * output.width, output.width, rows.count, output.width,
      frame.rows(output).advanced(by: rows.lowerBound))
  }
}

/// 8-bit codes → int16 rows.
struct DequantizeRowsStep {
  let input: RowBuffers
  let output: BufferID

  func run(_ frame: borrowing Frame, thread: Int) {
    let rows = frame.share(of: frame.rows, thread: thread)
    guard !rows.isEmpty else { return }
    frame.kernels.pointee.dequantize_rows(
      frame.rows(input).advanced(by: rows.lowerBound), rows.count, input.width,
      frame.pointer(output) + rows.lowerBound * input.width, input.width)
  }
}

extension kernels_rows {
  /// These rows without the first `count`.
  fileprivate func advanced(by count: Int) -> kernels_rows {
    kernels_rows(codes: codes + count * stride, stride: stride, range: range + count, zero: zero + count)
  }
}

extension Planner {
  /// The 8-bit form of a tensor's rows: made once, then shared by everything that reads it.
  mutating func quantizedRows(_ tensor: TensorID) -> RowBuffers {
    if let rows = rowBuffers[tensor] { return rows }
    let width = width(tensor)
    let rows = RowBuffers(
      codes: add(.rows(bytes: RowBuffers.stride(width: width))), range: add(.rows(bytes: 2)), zero: add(.rows(bytes: 1)), width: width)
    emit(.quantizeRows(QuantizeRowsStep(input: buffer(tensor), output: rows)), reads: [buffer(tensor)], writes: rows.all)
    rowBuffers[tensor] = rows
    return rows
  }

  /// A boundary's codes are its value: what follows reads them, or rows decoded from them.
  mutating func planBoundary(_ node: Node) {
    let rows = quantizedRows(node.inputs[0])
    cut(after: node, rows: rows)
    emit(.dequantizeRows(DequantizeRowsStep(input: rows, output: buffer(node.output))), reads: rows.all, writes: [buffer(node.output)])
    rowBuffers[node.output] = rows
  }
}

extension RowBuffers {
  var all: [BufferID] { [codes, range, zero] }
}
