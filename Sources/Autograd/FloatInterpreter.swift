package import ModelGraph

/// Computes a float graph in float32, one example at a time. The truth that quantisation is measured against.
package struct FloatInterpreter: Sendable {
  package let graph: Graph
  /// Row-major, by tensor; vectors are single rows.
  private let parameters: [TensorID: Matrix]

  /// The graph is a float graph; `parameters` holds every parameter's elements.
  package init(graph: Graph, parameters: [TensorID: [Float]]) throws(InterpreterError) {
    var matrices: [TensorID: Matrix] = [:]
    for id in graph.parameters {
      let tensor = graph[id]
      guard tensor.dataType == .float32 else { throw .notFloat(tensor: tensor.name) }
      guard let columns = tensor.shape.width, let count = tensor.shape.elementCount(batch: 1, sequence: 1),
        let values = parameters[id], values.count == count
      else { throw .badParameter(tensor: tensor.name, shape: tensor.shape, found: parameters[id]?.count) }
      matrices[id] = Matrix(rows: count / columns, columns: columns, values: values)
    }
    self.graph = graph
    self.parameters = matrices
  }

  /// The graph's outputs for one example. `observe` is given each node's place in the graph and its result, in order.
  package func run(_ example: Example, observe: (Int, Matrix) -> Void = { _, _ in }) throws(InterpreterError) -> [Matrix] {
    var activations = try inputs(of: example)
    for (index, node) in graph.nodes.enumerated() {
      let result = try compute(node, tokens: example.tokens ?? [], inputs: node.inputs.compactMap { activations[$0] })
      observe(index, result)
      activations[node.output] = result
    }
    return graph.outputs.compactMap { activations[$0] }
  }

  /// The only output for one sequence of identifiers.
  package func run(tokens: [Int32], observe: (Int, Matrix) -> Void = { _, _ in }) throws(InterpreterError) -> Matrix {
    try run(Example(tokens: tokens), observe: observe)[0]
  }

  private func inputs(of example: Example) throws(InterpreterError) -> [TensorID: Matrix] {
    let sequence = sequence(of: example)
    guard (1...graph.limits.sequence).contains(sequence) else {
      throw .badSequence(count: sequence, limit: graph.limits.sequence)
    }
    var matrices: [TensorID: Matrix] = [:]
    for id in graph.inputs where graph[id].dataType != .int32 {
      let rows = graph[id].shape.rowCount(sequence: sequence) ?? 0
      let columns = graph[id].shape.width ?? 0
      let values = example.values[id] ?? []
      guard values.isEmpty || values.count == rows * columns else {
        throw .badInput(tensor: graph[id].name, expected: rows * columns, found: values.count)
      }
      matrices[id] = Matrix(rows: values.isEmpty ? 0 : rows, columns: columns, values: values)
    }
    return matrices
  }

  /// The number of tokens, else of rows of a stream that is as long as a text; 1 where nothing tells.
  private func sequence(of example: Example) -> Int {
    if let tokens = example.tokens { return tokens.count }
    let lengths = graph.inputs.filter { graph[$0].shape.positions == .sequence }.compactMap { id in
      example.values[id].map { $0.count / max(graph[id].shape.width ?? 1, 1) }
    }
    return lengths.first { $0 > 0 } ?? 1
  }

  private func compute(_ node: Node, tokens: [Int32], inputs: [Matrix]) throws(InterpreterError) -> Matrix {
    let parameters = node.parameters.compactMap { self.parameters[$0] }
    return switch node.operation {
    case .embedding: try Embedding(tokens: parameters[0], positions: parameters[1]).forward(tokens)
    case .positions(let prefix): Positions(prefix: prefix, table: parameters[0]).forward(inputs[0])
    case .linear: Linear(weight: parameters[0], bias: parameters.dropFirst().first).forward(inputs[0])
    case .convolution(let convolution): imageConvolution(node, convolution, parameters).forward(inputs[0])
    case .activation(let function): function.forward(inputs[0])
    case .add: Add().forward(inputs[0], inputs[1])
    case .gatedAdd: GatedAdd(gate: parameters[0]).forward(inputs[0], inputs[1])
    case .layerNorm(let epsilon): LayerNorm(epsilon: epsilon, gain: parameters[0], shift: parameters[1]).forward(inputs[0])
    case .channelNorm(let epsilon): ChannelNorm(epsilon: epsilon, gain: parameters[0], shift: parameters[1]).forward(inputs[0])
    case .attention(let heads, let causal):
      Attention(heads: heads, causal: causal).forward(query: inputs[0], key: inputs[1], value: inputs[2])
    case .expertLinear(let experts):
      ExpertLinear(experts: experts, weight: parameters[0], bias: parameters[1]).forward(inputs[0], logits: inputs[1])
    case .expertGate: ExpertGate().forward(inputs[0], logits: inputs[1])
    case .concatenate: Concatenate().forward(inputs)
    case .flatten, .boundary, .quantize: inputs[0]
    case .pool(let kind): kind.forward(inputs[0])
    case .maxPool(let window): MaxPool(window: window, size: imageSize(node.inputs[0])).forward(inputs[0])
    case .l2Normalize: L2Normalize().forward(inputs[0])
    }
  }

  private func imageConvolution(_ node: Node, _ convolution: Convolution, _ parameters: [Matrix]) -> ImageConvolution {
    let outputs = graph[node.output].shape.width ?? 1
    let weight = Matrix(rows: outputs, columns: parameters[0].values.count / outputs, values: parameters[0].values)
    return ImageConvolution(
      convolution: convolution, size: imageSize(node.inputs[0]), weight: weight, bias: parameters.dropFirst().first)
  }

  /// The verifier has seen that the tensor is an image.
  private func imageSize(_ id: TensorID) -> Window.Size { graph[id].shape.imageSize ?? Window.Size(height: 1, width: 1) }
}

/// What a request brings: tokens, and the values of other inputs, row-major. What it leaves out has no rows.
package struct Example: Sendable {
  package var tokens: [Int32]?
  package var values: [TensorID: [Float]]

  package init(tokens: [Int32]? = nil, values: [TensorID: [Float]] = [:]) {
    self.tokens = tokens
    self.values = values
  }
}
