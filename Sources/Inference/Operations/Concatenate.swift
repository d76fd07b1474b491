import CKernels
import ModelGraph

/// The rows of several streams one after the other, each from its own scale; streams without rows leave no gap.
struct ConcatenateStep {
  struct Part {
    let rows: Rows
    let multiplier: Float
  }

  let parts: [Part]
  let output: BufferID
  let limit: Int32

  func run(_ frame: borrowing Frame, thread: Int) {
    var y: UnsafeMutablePointer<Int16> = frame.pointer(output)
    for part in parts {
      let elements = frame.share(of: part.rows.stream, thread: thread).elements(part.rows.width)
      frame.rescale(part.rows.buffer, elements, by: part.multiplier, to: y + elements.lowerBound, limit: limit)
      y += frame.count(part.rows.stream) * part.rows.width
    }
  }
}

extension Frame {
  /// y = x · multiplier.
  func rescale(
    _ buffer: BufferID, _ elements: Range<Int>, by multiplier: Float, to y: UnsafeMutablePointer<Int16>, limit: Int32
  ) {
    let x = pointer(buffer, as: Int16.self) + elements.lowerBound
    kernels.pointee.add(x, multiplier, x, 0, y, elements.count, KERNELS_IDENTITY, 1, limit)
  }
}

extension Planner {
  mutating func planConcatenate(_ node: Node) throws(InferenceError) {
    let output = try quantization(node.output)
    var parts: [ConcatenateStep.Part] = []
    for input in node.inputs {
      parts.append(ConcatenateStep.Part(rows: rows(input), multiplier: try quantization(input).scale / output.scale))
    }
    let step = ConcatenateStep(parts: parts, output: buffer(node.output), limit: output.limit)
    emit(.concatenate(step), stream: stream(node.output), reads: parts.map { $0.rows.buffer }, writes: [step.output])
  }
}
