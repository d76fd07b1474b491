/// The main path behind a split point, as a graph of its own.
package struct GraphTail: Sendable {
  /// Its inputs are what crosses, in that order.
  package let graph: Graph
  /// The tensors of the whole graph that those of this one are.
  package let tensors: [TensorID]

  /// Throws where the outputs do not all lie behind the split point.
  package init(of whole: Graph, behind point: SplitPoint) throws(GraphError) {
    let range = whole.segments[point.segment].nodes.upperBound..<whole.nodes(of: .main).upperBound
    let nodes = whole.nodes[range]
    var places: [TensorID: TensorID] = [:]
    var tensors: [TensorID] = []
    for id in point.tensors + nodes.flatMap({ $0.inputs + $0.parameters + [$0.output] }) where places[id] == nil {
      places[id] = TensorID(tensors.count)
      tensors.append(id)
    }
    func place(_ id: TensorID) throws(GraphError) -> TensorID {
      guard let place = places[id] else { throw .undefinedInput(node: point.name, tensor: whole[id].name) }
      return place
    }
    func place(_ ids: [TensorID]) throws(GraphError) -> [TensorID] {
      var found: [TensorID] = []
      for id in ids { found.append(try place(id)) }
      return found
    }
    var own: [Node] = []
    for node in nodes {
      own.append(
        Node(
          name: node.name, operation: node.operation, inputs: try place(node.inputs), parameters: try place(node.parameters),
          output: try place(node.output)))
    }
    let segments = whole.segments.filter { range.contains($0.nodes.lowerBound) }.map { segment in
      Segment(name: segment.name, nodes: segment.nodes.lowerBound - range.lowerBound..<segment.nodes.upperBound - range.lowerBound)
    }
    graph = try Graph(
      tensors: tensors.map { whole[$0] }, nodes: own, segments: segments, inputs: try place(point.tensors),
      outputs: try place(whole.outputs(of: .main)), limits: whole.limits)
    self.tensors = tensors
  }
}
