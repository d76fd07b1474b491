extension Graph {
  /// Multiply–accumulates of matrix products, convolutions and attention in those nodes, or those of the main path, for one request with
  /// all modalities.
  package func multiplyAccumulates(of range: Range<Int>? = nil, batch: Int = 1, sequence: Int) -> Int {
    nodes[range ?? nodes(of: .main)].reduce(0) { $0 + multiplyAccumulates(of: $1, batch: batch, sequence: sequence) }
  }

  private func multiplyAccumulates(of node: Node, batch: Int, sequence: Int) -> Int {
    let elements = self[node.output].shape.elementCount(batch: batch, sequence: sequence) ?? 0
    switch node.operation {
    case .linear, .expertLinear: return elements * (self[node.inputs[0]].shape.width ?? 0)
    case .convolution: return elements * (self[node.parameters[0]].shape.rowElements ?? 0)
    case .attention: return 2 * elements * (self[node.inputs[1]].shape.rowCount(sequence: sequence) ?? 0)
    case .embedding, .positions, .activation, .add, .gatedAdd, .layerNorm, .channelNorm, .concatenate, .flatten, .boundary, .quantize,
      .expertGate, .pool, .maxPool, .l2Normalize:
      return 0
    }
  }
}

extension Shape {
  /// The elements of one outermost row of a parameter.
  package var rowElements: Int? { Shape(Array(dimensions.dropFirst())).elementCount(batch: 1, sequence: 1) }
}
