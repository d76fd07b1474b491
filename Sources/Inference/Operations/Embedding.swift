import CKernels
import ModelGraph

/// Token and position rows added up.
struct EmbeddingStep {
  let ids: BufferID
  let output: BufferID
  let tokens: UnsafePointer<Int8>
  let tokenScale: UnsafePointer<Float>
  let positions: UnsafePointer<Int8>
  let positionScale: UnsafePointer<Float>
  let width: Int
  let inverseScale: Float
  let limit: Int32

  func run(_ frame: borrowing Frame, thread: Int) {
    var arguments = kernels_embedding_arguments(
      ids: frame.pointer(ids), tokens: tokens, token_scale: tokenScale, positions: positions, position_scale: positionScale,
      width: width, inverse_scale: inverseScale, y: frame.pointer(output), limit: limit)
    let rows = frame.share(of: frame.rows, thread: thread)
    frame.kernels.pointee.embedding(&arguments, rows.lowerBound, rows.upperBound)
  }
}

extension Planner {
  mutating func planEmbedding(_ node: Node) throws(InferenceError) {
    let output = try quantization(node.output)
    let tokens = try matrix(node.parameters[0])
    let positions = try matrix(node.parameters[1])
    emit(
      .embedding(
        EmbeddingStep(
          ids: buffer(node.inputs[0]), output: buffer(node.output), tokens: tokens.values, tokenScale: tokens.scales,
          positions: positions.values, positionScale: positions.scales, width: width(node.output), inverseScale: 1 / output.scale,
          limit: output.limit)),
      reads: [buffer(node.inputs[0])], writes: [buffer(node.output)])
  }
}
