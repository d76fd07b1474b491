import CKernels
import ModelGraph

/// Multi-head attention; threads share out the heads.
struct AttentionStep {
  let query: BufferID
  let key: BufferID
  let value: BufferID
  let output: BufferID
  let scratch: BufferID
  let width: Int
  let heads: Int
  let scoreScale: Float
  let rescale: Float
  let limit: Int32

  func run(_ frame: borrowing Frame, thread: Int) {
    var arguments = kernels_attention_arguments(
      query: frame.pointer(query), key: frame.pointer(key), value: frame.pointer(value), stride: width, y: frame.pointer(output),
      y_stride: width, sequence: frame.rows, head_width: width / heads, score_scale: scoreScale, rescale: rescale, limit: limit)
    let kernels = frame.kernels.pointee
    let mine = frame.pointer(scratch, as: UInt8.self) + thread * AttentionStep.scratch(frame.kernels, frame.rows, width / heads)
    for head in frame.share(of: heads, thread: thread) {
      kernels.attention(&arguments, head, 0, frame.rows, mine)
    }
  }

  /// Bytes of scratch for one thread.
  static func scratch(_ kernels: UnsafePointer<kernels_table>, _ sequence: Int, _ headWidth: Int) -> Int {
    let alignment = ArenaLayout.alignment
    return (kernels.pointee.attention_scratch(sequence, headWidth) + alignment - 1) / alignment * alignment
  }
}

extension Planner {
  mutating func planAttention(_ node: Node, heads: Int) throws(InferenceError) {
    let width = width(node.output)
    let query = try quantization(node.inputs[0])
    let key = try quantization(node.inputs[1])
    let value = try quantization(node.inputs[2])
    let output = try quantization(node.output)
    let logarithmOf2 = 0.693_147_180_559_945_3
    let score = Double(query.scale) * Double(key.scale) / (Double(width / heads).squareRoot() * logarithmOf2)
    let step = AttentionStep(
      query: buffer(node.inputs[0]), key: buffer(node.inputs[1]), value: buffer(node.inputs[2]), output: buffer(node.output),
      scratch: add(.attentionScratch(headWidth: width / heads)), width: width, heads: heads, scoreScale: Float(score),
      rescale: value.scale / output.scale, limit: output.limit)
    emit(.attention(step), reads: [step.query, step.key, step.value], writes: [step.output, step.scratch])
  }
}
