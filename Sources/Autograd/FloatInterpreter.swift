package import ModelGraph

/// Computes a float graph in float32, one sequence at a time. The truth that quantisation is measured against.
package struct FloatInterpreter: Sendable {
  package let graph: Graph
  /// Row-major, by tensor; vectors are single rows.
  private let parameters: [TensorID: Matrix]

  /// The graph is a float graph with one input of identifiers and one output; `parameters` holds every parameter's elements.
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
    guard graph.inputs.count == 1, graph.outputs.count == 1 else {
      throw .badInterface(inputs: graph.inputs.count, outputs: graph.outputs.count)
    }
    self.graph = graph
    self.parameters = matrices
  }

  /// The graph's output for one sequence of identifiers. `observe` is given each node's place in the graph and its result, in order.
  package func run(tokens: [Int32], observe: (Int, Matrix) -> Void = { _, _ in }) throws(InterpreterError) -> Matrix {
    guard (1...graph.limits.sequence).contains(tokens.count) else {
      throw .badSequence(count: tokens.count, limit: graph.limits.sequence)
    }
    var activations: [TensorID: Matrix] = [:]
    var result = Matrix(rows: 0, columns: 0)
    for (index, node) in graph.nodes.enumerated() {
      result = try compute(node, tokens: tokens, inputs: node.inputs.compactMap { activations[$0] })
      observe(index, result)
      activations[node.output] = result
    }
    return activations[graph.outputs[0]] ?? result
  }

  private func compute(_ node: Node, tokens: [Int32], inputs: [Matrix]) throws(InterpreterError) -> Matrix {
    let parameters = node.parameters.compactMap { self.parameters[$0] }
    return switch node.operation {
    case .embedding: try Embedding(tokens: parameters[0], positions: parameters[1]).forward(tokens)
    case .linear: Linear(weight: parameters[0], bias: parameters.dropFirst().first).forward(inputs[0])
    case .activation(.gelu): Gelu().forward(inputs[0])
    case .add: Add().forward(inputs[0], inputs[1])
    case .layerNorm(let epsilon): LayerNorm(epsilon: epsilon, gain: parameters[0], shift: parameters[1]).forward(inputs[0])
    case .attention(let heads): Attention(heads: heads).forward(query: inputs[0], key: inputs[1], value: inputs[2])
    case .boundary: Boundary().forward(inputs[0])
    case .pool(.mean): MeanPool().forward(inputs[0])
    case .l2Normalize: L2Normalize().forward(inputs[0])
    }
  }
}
