extension Node {
  /// The function of a node that is one.
  package var activation: Activation? {
    guard case .activation(let function) = operation else { return nil }
    return function
  }
}

extension Graph {
  /// The nodes that read each tensor, by their places.
  package var readers: [TensorID: [Int]] {
    var readers: [TensorID: [Int]] = [:]
    for (index, node) in nodes.enumerated() {
      for id in Set(node.inputs) { readers[id, default: []].append(index) }
    }
    return readers
  }

  /// The place of the activation node that alone reads a node of a segment: in integers it is applied before the node's sums are rounded,
  /// and the tensor between the two has no values.
  package func fusedActivation(of node: Int, in segment: Segment, readers: [TensorID: [Int]]) -> Int? {
    switch nodes[node].operation {
    case .linear, .convolution, .add, .gatedAdd, .channelNorm: break
    default: return nil
    }
    let output = nodes[node].output
    guard !outputs.contains(output), let reader = readers[output]?.first, readers[output]?.count == 1 else { return nil }
    return segment.nodes.contains(reader) && nodes[reader].activation != nil ? reader : nil
  }
}
