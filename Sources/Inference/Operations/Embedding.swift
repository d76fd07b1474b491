import CKernels
import ModelGraph

/// Token and position rows added up.
struct EmbeddingStep {
  let ids: BufferID
  let output: Rows
  let tokens: UnsafePointer<Int8>
  let tokenScale: UnsafePointer<Float>
  let positions: UnsafePointer<Int8>
  let positionScale: UnsafePointer<Float>
  let inverseScale: Float
  let limit: Int32

  func run(_ frame: borrowing Frame, thread: Int) {
    var arguments = kernels_embedding_arguments(
      ids: frame.pointer(ids), tokens: tokens, token_scale: tokenScale, positions: positions + frame.past * output.width,
      position_scale: positionScale + frame.past,
      width: output.width, inverse_scale: inverseScale, y: frame.pointer(output.buffer), limit: limit)
    let rows = frame.share(of: output.stream, thread: thread)
    frame.kernels.pointee.embedding(&arguments, rows.lowerBound, rows.upperBound)
  }
}

extension Planner {
  mutating func planEmbedding(_ node: Node) throws(InferenceError) {
    let output = try quantization(node.output)
    let tokens = try matrix(node.parameters[0])
    let positions = try matrix(node.parameters[1])
    let step = EmbeddingStep(
      ids: buffer(node.inputs[0]), output: rows(node.output), tokens: tokens.values, tokenScale: tokens.scales,
      positions: positions.values, positionScale: positions.scales, inverseScale: 1 / output.scale, limit: output.limit)
    emit(.embedding(step), stream: step.output.stream, reads: [step.ids], writes: [step.output.buffer])
  }
}
