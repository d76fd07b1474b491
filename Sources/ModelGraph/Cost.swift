extension Graph {
  /// Multiply–accumulates of matrix products and attention in those nodes for one request.
  package func multiplyAccumulates(of range: Range<Int>? = nil, batch: Int = 1, sequence: Int) -> Int {
    nodes[range ?? nodes.indices].reduce(0) { $0 + multiplyAccumulates(of: $1, batch: batch, sequence: sequence) }
  }

  private func multiplyAccumulates(of node: Node, batch: Int, sequence: Int) -> Int {
    let elements = self[node.output].shape.elementCount(batch: batch, sequence: sequence) ?? 0
    return switch node.operation {
    case .linear: elements * (self[node.inputs[0]].shape.width ?? 0)
    case .attention: 2 * elements * sequence
    case .embedding, .activation, .add, .layerNorm, .boundary, .pool, .l2Normalize: 0
    }
  }
}
