import ModelGraph

/// The parts of a small encoder, to be damaged by tests: ids → embedding → boundary | linear → gelu → add → pool → normalise.
struct GraphParts {
  var tensors: [Tensor] = []
  var nodes: [Node] = []
  var segments: [Segment] = []
  var inputs: [TensorID] = []
  var outputs: [TensorID] = []
  var limits = Limits(batch: 1, sequence: 8)

  init() throws(GraphError) {
    var builder = GraphBuilder()
    let rows = Shape([.batch, .sequence, .fixed(6)])
    let ids = builder.input("ids", shape: Shape([.batch, .sequence]), dataType: .int32)
    let tokens = builder.parameter("tokens", 10, 6)
    let positions = builder.parameter("positions", 8, 6)
    let embedded = builder.node("embedded", .embedding, ids, parameters: [tokens, positions], shape: rows)
    let crossing = builder.node("crossing", .boundary, embedded, shape: rows)
    builder.endSegment("first")
    let weight = builder.parameter("weight", 6, 6)
    let bias = builder.parameter("bias", 6)
    let product = builder.node("product", .linear, crossing, parameters: [weight, bias], shape: rows)
    let active = builder.node("active", .activation(.gelu), product, shape: rows)
    let sum = builder.node("sum", .add, active, crossing, shape: rows)
    let pooled = builder.node("pooled", .pool(.mean), sum, shape: Shape([.batch, .fixed(6)]))
    let result = builder.node("result", .l2Normalize, pooled, shape: Shape([.batch, .fixed(6)]))
    builder.endSegment("second")
    let graph = try builder.build(outputs: [result], limits: limits)
    (tensors, nodes, segments) = (graph.tensors, graph.nodes, graph.segments)
    (inputs, outputs) = (graph.inputs, graph.outputs)
  }

  func graph() throws(GraphError) -> Graph {
    try Graph(tensors: tensors, nodes: nodes, segments: segments, inputs: inputs, outputs: outputs, limits: limits)
  }

  /// The error with which the verifier refuses the parts, or nil.
  var refusal: GraphError? {
    do throws(GraphError) {
      _ = try graph()
      return nil
    } catch { return error }
  }

  func id(_ name: String) -> TensorID { TensorID(tensors.firstIndex { $0.name == name } ?? -1) }

  mutating func replace(_ name: String, shape: Shape? = nil, dataType: DataType? = nil, quantization: Quantization? = nil) {
    let old = tensors[id(name).index]
    tensors[id(name).index] = Tensor(
      name: name, shape: shape ?? old.shape, dataType: dataType ?? old.dataType, quantization: quantization ?? old.quantization)
  }

  mutating func replace(node name: String, operation: Operation? = nil, inputs: [TensorID]? = nil, output: TensorID? = nil) {
    let index = nodes.firstIndex { $0.name == name } ?? -1
    let old = nodes[index]
    nodes[index] = Node(
      name: name, operation: operation ?? old.operation, inputs: inputs ?? old.inputs, parameters: old.parameters,
      output: output ?? old.output)
  }
}
