/// Collects nodes, tensors and segments in order of execution; an encoder is a function that adds a fragment to one.
/// What it builds is a float graph: every tensor float32 but for identifiers.
package struct GraphBuilder {
  private var tensors: [Tensor] = []
  private var nodes: [Node] = []
  private var segments: [Segment] = []
  private var inputs: [TensorID] = []

  package init() {}

  /// Adds a tensor that a request brings.
  package mutating func input(_ name: String, shape: Shape, dataType: DataType) -> TensorID {
    let id = add(Tensor(name: name, shape: shape, dataType: dataType))
    inputs.append(id)
    return id
  }

  /// Adds a parameter under its name in the checkpoint.
  package mutating func parameter(_ name: String, _ sizes: Int...) -> TensorID { parameter(name, sizes: sizes) }

  /// Adds a parameter of any rank.
  package mutating func parameter(_ name: String, sizes: [Int]) -> TensorID {
    add(Tensor(name: name, shape: Shape(sizes.map { .fixed($0) })))
  }

  /// Adds a node; its output takes the node's name.
  package mutating func node(
    _ name: String, _ operation: Operation, _ inputs: TensorID..., parameters: [TensorID] = [], shape: Shape
  ) -> TensorID {
    node(name, operation, inputs: inputs, parameters: parameters, shape: shape)
  }

  /// Adds a node with any number of inputs.
  package mutating func node(
    _ name: String, _ operation: Operation, inputs: [TensorID], parameters: [TensorID] = [], shape: Shape
  ) -> TensorID {
    let output = add(Tensor(name: name, shape: shape))
    nodes.append(Node(name: name, operation: operation, inputs: inputs, parameters: parameters, output: output))
    return output
  }

  /// Ends a segment: it takes all nodes since the last one ended.
  package mutating func endSegment(_ name: String, role: Segment.Role = .main) {
    segments.append(Segment(name: name, nodes: (segments.last?.nodes.upperBound ?? 0)..<nodes.count, role: role))
  }

  /// The shape of a tensor added before.
  package func shape(_ id: TensorID) -> Shape { tensors[id.index].shape }

  /// The outputs of the nodes added before, by name.
  package var outputs: [String: TensorID] { nodes.reduce(into: [:]) { $0[$1.name] = $1.output } }

  /// The graph, verified.
  package func build(outputs: [TensorID], limits: Limits) throws(GraphError) -> Graph {
    try Graph(tensors: tensors, nodes: nodes, segments: segments, inputs: inputs, outputs: outputs, limits: limits)
  }

  private mutating func add(_ tensor: Tensor) -> TensorID {
    tensors.append(tensor)
    return TensorID(tensors.count - 1)
  }
}
