extension Graph {
  /// Multiply–accumulates of matrix products, convolutions and attention in those nodes, or those of the main path, for one request with
  /// all modalities.
  package func multiplyAccumulates(of range: Range<Int>? = nil, batch: Int = 1, sequence: Int) -> Int {
    nodes[range ?? nodes(of: .main)].reduce(0) { $0 + multiplyAccumulates(of: $1, batch: batch, sequence: sequence) }
  }

  /// The same of what must be computed of a path where those inputs are new: all that depends on them.
  package func multiplyAccumulates(behind inputs: [TensorID], on path: Segment.Role, sequence: Int) -> Int {
    let start = path == .main ? nodes(of: .main) : 0..<fork
    var changed = Set(inputs)
    var sum = 0
    for (index, node) in nodes.enumerated() where node.inputs.contains(where: { changed.contains($0) }) {
      changed.insert(node.output)
      guard start.contains(index) || (path == .local && nodes(of: .local).contains(index)) else { continue }
      sum += multiplyAccumulates(of: node, batch: 1, sequence: sequence)
    }
    return sum
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
