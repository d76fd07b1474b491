import CKernels
import ModelGraph

/// int16 rows → 8-bit codes, each row with its own range. Rows may overlap: the windows of a signal.
struct QuantizeRowsStep {
  let input: Rows
  /// Elements between the starts of two rows.
  let stride: Int
  let output: RowBuffers

  /// Whether the rows are windows over a request's rows, else these rows themselves.
  var areWindows: Bool { stride != output.width || input.stream != output.stream }

  func run(_ frame: borrowing Frame, thread: Int) {
    let rows = frame.share(of: output.stream, thread: thread)
    guard !rows.isEmpty else { return }
    frame.kernels.pointee.quantize_rows(
      frame.pointer(input.buffer) + rows.lowerBound * stride, stride, rows.count, output.width,
      frame.rows(output).advanced(by: rows.lowerBound))
  }
}

extension kernels_rows {
  /// These rows without the first `count`.
  func advanced(by count: Int) -> kernels_rows {
    kernels_rows(codes: codes + count * stride, stride: stride, range: range + count, zero: zero + count)
  }
}

extension Planner {
  /// Buffers for 8-bit rows.
  mutating func addRowBuffers(_ stream: StreamID, width: Int) -> RowBuffers {
    RowBuffers(
      stream: stream, codes: add(.rows(stream: stream.index, bytes: RowBuffers.stride(width: width))),
      range: add(.rows(stream: stream.index, bytes: 2)), zero: add(.rows(stream: stream.index, bytes: 1)), width: width)
  }

  /// The 8-bit form of a tensor's rows: made once, then shared by everything that reads it.
  mutating func quantizedRows(_ tensor: TensorID) -> RowBuffers {
    rowBuffers(tensor) { planner in
      let source = planner.rows(tensor)
      let rows = planner.addRowBuffers(source.stream, width: source.width)
      planner.emitQuantization(of: source, stride: source.width, to: rows)
      return rows
    }
  }

  /// Rows that start every `stride` elements of the input.
  mutating func emitQuantization(of input: Rows, stride: Int, to rows: RowBuffers) {
    let step = QuantizeRowsStep(input: input, stride: stride, output: rows)
    emit(.quantizeRows(step), stream: rows.stream, reads: [input.buffer], writes: rows.all)
  }
}
