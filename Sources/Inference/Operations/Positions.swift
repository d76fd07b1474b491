import CKernels
import ModelGraph

/// Rows of a table before the rows, and one added to each.
struct PositionsStep {
  let input: Rows
  let output: BufferID
  let prefix: Int
  let table: UnsafePointer<Int8>
  let tableScale: UnsafePointer<Float>
  /// int16 zeros, what the prefix is added to; nil where there is none.
  let zeros: UnsafePointer<Int16>?
  let multiplier: Float
  let inverseScale: Float
  let limit: Int32

  func run(_ frame: borrowing Frame, thread: Int) {
    guard frame.count(input.stream) > 0 else { return }
    if thread == 0, let zeros { add(frame, zeros, table, tableScale, 0..<prefix, to: frame.pointer(output)) }
    let offset = prefix * input.width
    add(
      frame, frame.pointer(input.buffer), table + offset, tableScale + prefix, frame.share(of: input.stream, thread: thread),
      to: frame.pointer(output) + offset)
  }

  private func add(
    _ frame: borrowing Frame, _ x: UnsafePointer<Int16>, _ table: UnsafePointer<Int8>, _ scale: UnsafePointer<Float>, _ rows: Range<Int>,
    to y: UnsafeMutablePointer<Int16>
  ) {
    var arguments = kernels_positions_arguments(
      x: x, x_multiplier: multiplier, table: table, table_scale: scale, inverse_scale: inverseScale, width: input.width, y: y,
      limit: limit)
    frame.kernels.pointee.positions(&arguments, rows.lowerBound, rows.upperBound)
  }
}

extension Planner {
  mutating func planPositions(_ node: Node, prefix: Int) throws(InferenceError) {
    let output = try quantization(node.output)
    let table = try matrix(node.parameters[0])
    let input = rows(node.inputs[0])
    // Half as many floats as int16: all bits zero either way.
    let zeros = prefix == 0 ? nil : constant((prefix * input.width + 1) / 2) { _ in 0 }
    let step = PositionsStep(
      input: input, output: buffer(node.output), prefix: prefix, table: table.values, tableScale: table.scales,
      zeros: zeros.map { UnsafeRawPointer($0).assumingMemoryBound(to: Int16.self) },
      multiplier: try quantization(node.inputs[0]).scale / output.scale, inverseScale: 1 / output.scale, limit: output.limit)
    emit(.positions(step), stream: input.stream, reads: [input.buffer], writes: [step.output])
  }
}
