/// A node's tensors, looked up, for the checks of its operation.
struct NodeTensors {
  let node: String
  let inputs: [Tensor]
  let parameters: [Tensor]
  let output: Tensor
  let limits: Limits

  /// Whether the node belongs to a quantised graph.
  var isQuantized: Bool { inputs.contains { $0.dataType == .int16 } || parameters.contains { $0.dataType == .int8 } }

  func expect(inputs expectedInputs: Int, parameters expectedParameters: ClosedRange<Int> = 0...0) throws(GraphError) {
    guard inputs.count == expectedInputs else {
      throw .wrongCount(node: node, what: "inputs", expected: expectedInputs, found: inputs.count)
    }
    guard expectedParameters.contains(parameters.count) else {
      throw .wrongCount(node: node, what: "parameters", expected: expectedParameters.upperBound, found: parameters.count)
    }
  }

  func expect(_ tensor: Tensor, shape: Shape) throws(GraphError) {
    guard tensor.shape == shape else {
      throw .wrongShape(node: node, tensor: tensor.name, expected: shape.description, found: tensor.shape)
    }
  }

  func expect(_ tensor: Tensor, type: DataType) throws(GraphError) {
    guard tensor.dataType == type else { throw .wrongType(node: node, tensor: tensor.name, found: tensor.dataType) }
  }

  /// An activation: int16 in a quantised graph, else float32.
  func expectActivation(_ tensor: Tensor) throws(GraphError) { try expect(tensor, type: isQuantized ? .int16 : .float32) }

  /// A matrix [rows, columns]: int8 in a quantised graph, else float32.
  func expectMatrix(_ tensor: Tensor, columns: Int) throws(GraphError) {
    try expect(tensor, type: isQuantized ? .int8 : .float32)
    guard tensor.shape.rank == 2, tensor.shape.width == columns, case .fixed = tensor.shape.dimensions[0] else {
      throw .wrongShape(node: node, tensor: tensor.name, expected: "[rows,\(columns)]", found: tensor.shape)
    }
  }

  func expectVector(_ tensor: Tensor, count: Int) throws(GraphError) {
    try expect(tensor, type: .float32)
    try expect(tensor, shape: Shape(count))
  }

  /// The width of rows [batch, sequence, width].
  func expectRows(_ tensor: Tensor) throws(GraphError) -> Int {
    guard let width = tensor.shape.width, tensor.shape == Shape([.batch, .sequence, .fixed(width)]) else {
      throw .wrongShape(node: node, tensor: tensor.name, expected: "[batch,sequence,width]", found: tensor.shape)
    }
    try expectActivation(tensor)
    return width
  }
}

extension Operation {
  /// Checks counts, shapes, types and attributes of a node of this operation.
  func verify(_ tensors: NodeTensors) throws(GraphError) {
    switch self {
    case .embedding: try verifyEmbedding(tensors)
    case .linear: try verifyLinear(tensors)
    case .activation, .boundary: try verifySameShape(tensors, inputs: 1)
    case .add: try verifySameShape(tensors, inputs: 2)
    case .layerNorm(let epsilon): try verifyLayerNorm(tensors, epsilon: epsilon)
    case .attention(let heads): try verifyAttention(tensors, heads: heads)
    case .pool: try verifyPool(tensors)
    case .l2Normalize: try verifyL2Normalize(tensors)
    }
  }

  private func verifyEmbedding(_ tensors: NodeTensors) throws(GraphError) {
    try tensors.expect(inputs: 1, parameters: 2...2)
    try tensors.expect(tensors.inputs[0], type: .int32)
    try tensors.expect(tensors.inputs[0], shape: Shape([.batch, .sequence]))
    let width = try tensors.expectRows(tensors.output)
    for table in tensors.parameters { try tensors.expectMatrix(table, columns: width) }
    let positions = tensors.parameters[1]
    guard case .fixed(let longest) = positions.shape.dimensions[0], longest >= tensors.limits.sequence else {
      throw .wrongShape(
        node: tensors.node, tensor: positions.name, expected: "at least \(tensors.limits.sequence) rows", found: positions.shape)
    }
  }

  private func verifyLinear(_ tensors: NodeTensors) throws(GraphError) {
    try tensors.expect(inputs: 1, parameters: 1...2)
    let columns = try tensors.expectRows(tensors.inputs[0])
    let outputs = try tensors.expectRows(tensors.output)
    let weight = tensors.parameters[0]
    try tensors.expectMatrix(weight, columns: columns)
    guard weight.shape == Shape(outputs, columns) else {
      throw .wrongShape(node: tensors.node, tensor: weight.name, expected: "[\(outputs),\(columns)]", found: weight.shape)
    }
    if tensors.parameters.count == 2 { try tensors.expectVector(tensors.parameters[1], count: outputs) }
    guard columns <= Self.widestProduct else { throw .badAttribute(node: tensors.node, attribute: "width") }
  }

  /// The longest product of 8-bit codes and weights whose sum int32 holds.
  package static let widestProduct = 1 << 16

  private func verifySameShape(_ tensors: NodeTensors, inputs: Int) throws(GraphError) {
    try tensors.expect(inputs: inputs)
    let width = try tensors.expectRows(tensors.output)
    guard self != .boundary || width <= Self.widestBoundary else { throw .badAttribute(node: tensors.node, attribute: "width") }
    for input in tensors.inputs {
      try tensors.expectActivation(input)
      try tensors.expect(input, shape: tensors.output.shape)
    }
    if case .boundary = self, tensors.output.quantization != tensors.inputs[0].quantization {
      throw .badAttribute(node: tensors.node, attribute: "scale")
    }
  }

  /// The widest row that a boundary carries.
  package static let widestBoundary = 1 << 16

  private func verifyLayerNorm(_ tensors: NodeTensors, epsilon: Float) throws(GraphError) {
    try tensors.expect(inputs: 1, parameters: 2...2)
    let width = try tensors.expectRows(tensors.output)
    try tensors.expectActivation(tensors.inputs[0])
    try tensors.expect(tensors.inputs[0], shape: tensors.output.shape)
    for parameter in tensors.parameters { try tensors.expectVector(parameter, count: width) }
    guard epsilon > 0, epsilon < 1 else { throw .badAttribute(node: tensors.node, attribute: "epsilon") }
    guard width <= 1 << 16 else { throw .badAttribute(node: tensors.node, attribute: "width") }
  }

  /// Integer scores of head-width products must fit int32: limits of query and key, and of value, see `Attention` in `Inference`.
  private func verifyAttention(_ tensors: NodeTensors, heads: Int) throws(GraphError) {
    try tensors.expect(inputs: 3)
    let width = try tensors.expectRows(tensors.output)
    for input in tensors.inputs {
      try tensors.expectActivation(input)
      try tensors.expect(input, shape: tensors.output.shape)
      if case .tensor(_, let limit) = input.quantization, limit > Self.attentionLimit {
        throw .badScale(tensor: input.name)
      }
    }
    guard heads > 0, width % heads == 0, (width / heads) % 2 == 0, width / heads <= 256 else {
      throw .badAttribute(node: tensors.node, attribute: "heads")
    }
  }

  /// The largest |q| of quantised queries, keys and values: 256 products of two of them sum to at most 2^30, which int32 holds.
  package static let attentionLimit = 2047

  private func verifyPool(_ tensors: NodeTensors) throws(GraphError) {
    try tensors.expect(inputs: 1)
    let width = try tensors.expectRows(tensors.inputs[0])
    try tensors.expectActivation(tensors.output)
    try tensors.expect(tensors.output, shape: Shape([.batch, .fixed(width)]))
  }

  private func verifyL2Normalize(_ tensors: NodeTensors) throws(GraphError) {
    try tensors.expect(inputs: 1)
    let input = tensors.inputs[0]
    try tensors.expectActivation(input)
    guard let width = input.shape.width, input.shape == Shape([.batch, .fixed(width)]) else {
      throw .wrongShape(node: tensors.node, tensor: input.name, expected: "[batch,width]", found: input.shape)
    }
    try tensors.expect(tensors.output, type: .float32)
    try tensors.expect(tensors.output, shape: input.shape)
  }
}
