import CKernels
import CPosix
import ModelGraph

/// Multi-head attention; threads share out the rows of all heads.
struct AttentionStep {
  let query: Rows
  let keys: StreamID
  let key: BufferID
  let value: BufferID
  /// Where keys and values of all tokens so far are kept, in a program that generates.
  let memory: KeyValueMemory?
  let output: BufferID
  let scratch: BufferID
  let heads: Int
  let causal: Bool
  let scoreScale: Float
  let rescale: Float
  let limit: Int32

  func run(_ frame: borrowing Frame, thread: Int) {
    let rows = frame.count(query.stream)
    let sequence = frame.count(keys) + (memory == nil ? 0 : frame.past)
    guard sequence > 0 else { return clear(frame, thread: thread) }
    let headWidth = query.width / heads
    var arguments = kernels_attention_arguments(
      query: frame.pointer(query.buffer), key: frame.pointer(memory?.keys ?? key), value: frame.pointer(memory?.values ?? value),
      stride: query.width,
      y: frame.pointer(output), y_stride: query.width, sequence: sequence, head_width: headWidth, score_scale: scoreScale,
      rescale: rescale, limit: limit, past: causal ? frame.past : Int(KERNELS_SEE_ALL))
    let most = frame.longest[keys.index] + sequence - frame.count(keys)
    let mine = frame.pointer(scratch, as: UInt8.self) + thread * AttentionStep.scratch(frame.kernels, most, headWidth)
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
    ArenaLayout.aligned(kernels.pointee.attention_scratch(sequence, headWidth))
  }
}

extension Planner {
  mutating func planAttention(_ node: Node, heads: Int, causal: Bool) throws(InferenceError) {
    try expectSameRows(node.inputs[1], node.inputs[2], node)
    if causal { try expectSameRows(node.inputs[0], node.inputs[1], node) }
    let headWidth = width(node.output) / heads
    let query = try quantization(node.inputs[0])
    let key = try quantization(node.inputs[1])
    let value = try quantization(node.inputs[2])
    let output = try quantization(node.output)
    let logarithmOf2 = 0.693_147_180_559_945_3
    let score = Double(query.scale) * Double(key.scale) / (Double(headWidth).squareRoot() * logarithmOf2)
    let keys = stream(node.inputs[1])
    let memory = causal && generation != nil ? remember(node, keys: keys) : nil
    let step = AttentionStep(
      query: rows(node.inputs[0]), keys: keys, key: buffer(node.inputs[1]), value: buffer(node.inputs[2]), memory: memory,
      output: buffer(node.output),
      scratch: add(.attentionScratch(keys: keys.index, headWidth: headWidth)), heads: heads, causal: causal, scoreScale: Float(score),
      rescale: value.scale / output.scale, limit: output.limit)
    let sources = memory.map { [$0.keys, $0.values] } ?? [step.key, step.value]
    emit(.attention(step), stream: step.query.stream, reads: [step.query.buffer] + sources, writes: [step.output, step.scratch])
  }

  /// Keeps the keys and values of a node behind those of the tokens before.
  private mutating func remember(_ node: Node, keys: StreamID) -> KeyValueMemory {
    let width = width(node.output)
    let memory = KeyValueMemory(
      keys: addLasting(.rows(stream: keys.index, bytes: 2 * width)), values: addLasting(.rows(stream: keys.index, bytes: 2 * width)))
    let step = RememberStep(key: rows(node.inputs[1]), value: rows(node.inputs[2]), memory: memory)
    emit(.remember(step), stream: keys, reads: [step.key.buffer, step.value.buffer], writes: [memory.keys, memory.values])
    return memory
  }
}

/// int16 rows of keys and of values, one a token.
struct KeyValueMemory: Hashable {
  let keys: BufferID
  let values: BufferID
}

/// Keys and values → memory, behind those of the tokens before.
struct RememberStep {
  let key: Rows
  let value: Rows
  let memory: KeyValueMemory

  func run(_ frame: borrowing Frame, thread: Int) {
    append(key, to: memory.keys, frame, thread: thread)
    append(value, to: memory.values, frame, thread: thread)
  }

  private func append(_ rows: Rows, to target: BufferID, _ frame: borrowing Frame, thread: Int) {
    let elements = frame.share(of: rows.stream, thread: thread).elements(rows.width)
    memcpy(
      frame.pointer(target, as: Int16.self) + frame.past * rows.width + elements.lowerBound,
      frame.pointer(rows.buffer, as: Int16.self) + elements.lowerBound, elements.count * 2)
  }
}
