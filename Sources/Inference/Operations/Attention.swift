import CKernels
import CPosix
import ModelGraph

/// Multi-head attention; threads share out the rows of all heads.
struct AttentionStep {
  let query: Rows
  let keys: StreamID
  let key: BufferID
  let value: BufferID
  let output: BufferID
  let scratch: BufferID
  let heads: Int
  let causal: Bool
  let scoreScale: Float
  let rescale: Float
  let limit: Int32

  func run(_ frame: borrowing Frame, thread: Int) {
    let rows = frame.count(query.stream)
    let sequence = frame.count(keys)
    guard sequence > 0 else { return clear(frame, thread: thread) }
    let headWidth = query.width / heads
    var arguments = kernels_attention_arguments(
      query: frame.pointer(query.buffer), key: frame.pointer(key), value: frame.pointer(value), stride: query.width,
      y: frame.pointer(output), y_stride: query.width, sequence: sequence, head_width: headWidth, score_scale: scoreScale,
      rescale: rescale, limit: limit, past: causal ? 0 : Int(KERNELS_SEE_ALL))
    let mine = frame.pointer(scratch, as: UInt8.self) + thread * AttentionStep.scratch(frame.kernels, sequence, headWidth)
    let share = frame.share(of: heads * rows, thread: thread)
    for head in 0..<heads {
      let own = share.clamped(to: head * rows..<(head + 1) * rows)
      guard !own.isEmpty else { continue }
      frame.kernels.pointee.attention(&arguments, head, own.lowerBound - head * rows, own.upperBound - head * rows, mine)
    }
  }

  /// Where there are no keys, because their modality is absent, nothing is attended to.
  private func clear(_ frame: borrowing Frame, thread: Int) {
    let elements = frame.share(of: query.stream, thread: thread).elements(query.width)
    memset(frame.pointer(output, as: Int16.self) + elements.lowerBound, 0, elements.count * 2)
  }

  /// Bytes of scratch for one thread.
  static func scratch(_ kernels: UnsafePointer<kernels_table>, _ sequence: Int, _ headWidth: Int) -> Int {
    let alignment = ArenaLayout.alignment
    return (kernels.pointee.attention_scratch(sequence, headWidth) + alignment - 1) / alignment * alignment
  }
}

extension Planner {
  mutating func planAttention(_ node: Node, heads: Int, causal: Bool) throws(InferenceError) {
    let headWidth = width(node.output) / heads
    let query = try quantization(node.inputs[0])
    let key = try quantization(node.inputs[1])
    let value = try quantization(node.inputs[2])
    let output = try quantization(node.output)
    let logarithmOf2 = 0.693_147_180_559_945_3
    let score = Double(query.scale) * Double(key.scale) / (Double(headWidth).squareRoot() * logarithmOf2)
    let keys = stream(node.inputs[1])
    let step = AttentionStep(
      query: rows(node.inputs[0]), keys: keys, key: buffer(node.inputs[1]), value: buffer(node.inputs[2]), output: buffer(node.output),
      scratch: add(.attentionScratch(keys: keys.index, headWidth: headWidth)), heads: heads, causal: causal, scoreScale: Float(score),
      rescale: value.scale / output.scale, limit: output.limit)
    emit(
      .attention(step), stream: step.query.stream, reads: [step.query.buffer, step.key, step.value], writes: [step.output, step.scratch])
  }
}
