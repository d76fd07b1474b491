import CKernels
import ModelGraph

/// int16 rows → an image of 8-bit codes; threads share out the lines.
struct EncodeStep {
  let input: Rows
  let output: CodeImage
  let multiplier: Float

  func run(_ frame: borrowing Frame, thread: Int) {
    guard frame.count(input.stream) > 0 else { return }
    output.fillEdge(frame, thread: thread)
    let x: UnsafeMutablePointer<Int16> = frame.pointer(input.buffer)
    let y: UnsafeMutablePointer<UInt8> = frame.pointer(output.buffer)
    let elements = output.size.width * output.channels
    for line in frame.share(of: output.size.height, thread: thread) {
      frame.kernels.pointee.encode(
        x + line * elements, y + output.offset(line: line, column: 0), elements, multiplier, Int32(output.zero))
    }
  }
}

extension Planner {
  mutating func planQuantize(_ node: Node) throws(InferenceError) {
    guard case .codes(let scale, _) = graph[node.output].quantization else { throw .notQuantized(tensor: node.name) }
    let step = EncodeStep(
      input: rows(node.inputs[0]), output: try image(node.output), multiplier: try quantization(node.inputs[0]).scale / scale)
    emit(.encode(step), stream: step.input.stream, reads: [step.input.buffer], writes: [step.output.buffer])
  }
}
