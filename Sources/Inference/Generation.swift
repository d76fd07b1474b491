import ModelGraph

extension Graph {
  /// The place of the input of tokens, where the graph is a decoder: it puts out a row for each token, and a token's row depends on tokens
  /// before it only by way of causal attention. A run of such a graph can be continued with more tokens.
  var generationInput: Int? {
    guard let input = inputs.firstIndex(where: { self[$0].dataType == .int32 }),
      outputs.contains(where: { self[$0].shape.positions == .sequence })
    else { return nil }
    var following: Set<TensorID> = [inputs[input]]
    for node in nodes where node.inputs.contains(where: following.contains) {
      guard node.operation.isContinued(node.inputs.map { following.contains($0) }) else { return nil }
      following.insert(node.output)
    }
    return input
  }
}

extension Operation {
  /// Whether each token's row can be computed without the rows of tokens after it, given which inputs follow the tokens.
  fileprivate func isContinued(_ following: [Bool]) -> Bool {
    switch self {
    case .embedding, .linear, .activation, .add, .gatedAdd, .layerNorm, .expertLinear, .expertGate, .boundary: true
    // Keys and values are the tokens' own, remembered, or those of something else.
    case .attention(_, let causal): following[1] == following[2] && (causal ? following[0] && following[1] : !following[1])
    case .positions, .convolution, .channelNorm, .concatenate, .flatten, .quantize, .pool, .maxPool, .l2Normalize: false
    }
  }
}
