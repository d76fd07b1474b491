package import ModelGraph

/// The parts of a graph, which need not fit together: what tests damage.
package struct GraphParts {
  package var tensors: [Tensor]
  package var nodes: [Node]
  package var segments: [Segment]
  package var inputs: [TensorID]
  package var outputs: [TensorID]
  package var limits: Limits

  package init(_ graph: Graph) {
    (tensors, nodes, segments) = (graph.tensors, graph.nodes, graph.segments)
    (inputs, outputs, limits) = (graph.inputs, graph.outputs, graph.limits)
  }

  package func graph() throws(GraphError) -> Graph {
    try Graph(tensors: tensors, nodes: nodes, segments: segments, inputs: inputs, outputs: outputs, limits: limits)
  }

  /// The error with which the verifier refuses the parts, or nil.
  package var refusal: GraphError? {
    do throws(GraphError) {
      _ = try graph()
      return nil
    } catch { return error }
  }

  package func id(_ name: String) -> TensorID { TensorID(tensors.firstIndex { $0.name == name } ?? -1) }

  package mutating func replace(_ name: String, shape: Shape? = nil, dataType: DataType? = nil, quantization: Quantization? = nil) {
    let old = tensors[id(name).index]
    tensors[id(name).index] = Tensor(
      name: name, shape: shape ?? old.shape, dataType: dataType ?? old.dataType, quantization: quantization ?? old.quantization)
  }

  package mutating func replace(node name: String, operation: Operation? = nil, inputs: [TensorID]? = nil, output: TensorID? = nil) {
    let index = nodes.firstIndex { $0.name == name } ?? -1
    let old = nodes[index]
    nodes[index] = Node(
      name: name, operation: operation ?? old.operation, inputs: inputs ?? old.inputs, parameters: old.parameters,
      output: output ?? old.output)
  }
}
