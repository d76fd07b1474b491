/// A node's tensors, looked up, for the checks of its operation.
struct NodeTensors {
  let node: String
  let inputs: [Tensor]
  let parameters: [Tensor]
  let output: Tensor
  let limits: Limits

  /// Whether the node belongs to a quantised graph.
  var isQuantized: Bool {
    inputs.contains { [.int16, .uint8].contains($0.dataType) } || parameters.contains { $0.dataType == .int8 }
  }

  func expect(inputs expectedInputs: Int, parameters expectedParameters: ClosedRange<Int> = 0...0) throws(GraphError) {
    guard inputs.count == expectedInputs else {
      throw .wrongCount(node: node, what: "inputs", expected: expectedInputs, found: inputs.count)
    }
    guard expectedParameters.contains(parameters.count) else {
      throw .wrongCount(node: node, what: "parameters", expected: expectedParameters.upperBound, found: parameters.count)
    }
  }

  func expect(_ tensor: Tensor, shape: Shape) throws(GraphError) {
    guard tensor.shape == shape else { throw wrongShape(tensor, expected: shape.description) }
  }

  func expect(_ tensor: Tensor, type: DataType) throws(GraphError) {
    guard tensor.dataType == type else { throw .wrongType(node: node, tensor: tensor.name, found: tensor.dataType) }
  }

  func wrongShape(_ tensor: Tensor, expected: String) -> GraphError {
    .wrongShape(node: node, tensor: tensor.name, expected: expected, found: tensor.shape)
  }

  func bad(_ attribute: String) -> GraphError { .badAttribute(node: node, attribute: attribute) }

  /// An activation: int16 in a quantised graph, else float32.
  func expectActivation(_ tensor: Tensor) throws(GraphError) { try expect(tensor, type: isQuantized ? .int16 : .float32) }

  /// The same, where a quantised graph may also hold 8-bit codes.
  func expectActivationOrCodes(_ tensor: Tensor) throws(GraphError) {
    guard isQuantized, tensor.dataType == .uint8 else { return try expectActivation(tensor) }
  }

  /// A parameter of that shape whose rows are int8 in a quantised graph, else float32.
  func expectMatrix(_ tensor: Tensor, _ sizes: Int...) throws(GraphError) {
    try expect(tensor, type: isQuantized ? .int8 : .float32)
    try expect(tensor, shape: Shape(sizes.map { .fixed($0) }))
  }

  /// A matrix [rows, columns] with any number of rows, which is the result.
  func expectRows(of tensor: Tensor, columns: Int) throws(GraphError) -> Int {
    try expect(tensor, type: isQuantized ? .int8 : .float32)
    guard tensor.shape.rank == 2, tensor.shape.width == columns, case .fixed(let rows) = tensor.shape.dimensions[0] else {
      throw wrongShape(tensor, expected: "[rows,\(columns)]")
    }
    return rows
  }

  func expectVector(_ tensor: Tensor, count: Int) throws(GraphError) {
    try expect(tensor, type: .float32)
    try expect(tensor, shape: Shape(count))
  }

  /// The width of rows, an image or a vector: [batch, …, width].
  func expectFeatures(_ tensor: Tensor) throws(GraphError) -> Int {
    guard let width = tensor.shape.width, tensor.shape.rank >= 2, tensor.shape.dimensions[0] == .batch,
      !tensor.shape.dimensions.dropFirst().contains(.batch), tensor.shape.rank == 3 || tensor.shape.hasFixedItems
    else { throw wrongShape(tensor, expected: "[batch,…,width]") }
    return width
  }

  /// The positions and the width of rows [batch, positions, width].
  func expectRows(_ tensor: Tensor) throws(GraphError) -> (positions: Dimension, width: Int) {
    let width = try expectFeatures(tensor)
    guard let positions = tensor.shape.positions else { throw wrongShape(tensor, expected: "[batch,positions,width]") }
    return (positions, width)
  }

  /// The size and the channels of an image or a signal.
  func expectImage(_ tensor: Tensor) throws(GraphError) -> (size: Window.Size, channels: Int) {
    let channels = try expectFeatures(tensor)
    guard let size = tensor.shape.imageSize else { throw wrongShape(tensor, expected: "[batch,height,width,channels]") }
    return (size, channels)
  }

  /// Inputs and output of one shape, all activations. Returns their width.
  func expectSameShapes() throws(GraphError) -> Int {
    let width = try expectFeatures(output)
    try expectActivation(output)
    for input in inputs {
      try expectActivation(input)
      try expect(input, shape: output.shape)
    }
    return width
  }
}

extension Operation {
  /// Checks counts, shapes, types and attributes of a node of this operation.
  func verify(_ tensors: NodeTensors) throws(GraphError) {
    switch self {
    case .embedding: try verifyEmbedding(tensors)
    case .positions(let prefix): try verifyPositions(tensors, prefix: prefix)
    case .linear: try verifyLinear(tensors)
    case .convolution(let convolution): try verifyConvolution(tensors, convolution)
    case .activation: try verifyActivation(tensors)
    case .add: try verifyAdd(tensors)
    case .gatedAdd: try verifyGatedAdd(tensors)
    case .layerNorm(let epsilon): try verifyLayerNorm(tensors, epsilon: epsilon)
    case .channelNorm(let epsilon): try verifyChannelNorm(tensors, epsilon: epsilon)
    case .attention(let heads, let causal): try verifyAttention(tensors, heads: heads, causal: causal)
    case .expertLinear(let experts): try verifyExpertLinear(tensors, experts: experts)
    case .expertGate: try verifyExpertGate(tensors)
    case .concatenate: try verifyConcatenate(tensors)
    case .flatten: try verifyFlatten(tensors)
    case .boundary: try verifyBoundary(tensors)
    case .quantize: try verifyQuantize(tensors)
    case .pool(let kind): try verifyPool(tensors, kind)
    case .maxPool(let window): try verifyMaxPool(tensors, window)
    case .l2Normalize: try verifyL2Normalize(tensors)
    }
  }

  /// The longest product of 8-bit codes and weights whose sum int32 holds.
  package static let widestProduct = 1 << 16

  /// The widest row that a boundary carries.
  package static let widestBoundary = 1 << 16

  /// The widest row over which a layer norm's sums stay exact.
  private static let widestNorm = 1 << 16

  /// The most rows over which a norm's sums or a mean's stay exact.
  package static let mostPositions = 1 << 16

  /// The largest |q| of quantised queries, keys and values: 256 products of two of them sum to at most 2^30, which int32 holds.
  package static let attentionLimit = 2047

  /// Widths of a quantised graph that must fill whole blocks of weights.
  package static let blockOutputs = 16
}

// Streams of rows.
extension Operation {
  private func verifyEmbedding(_ tensors: NodeTensors) throws(GraphError) {
    try tensors.expect(inputs: 1, parameters: 2...2)
    try tensors.expect(tensors.inputs[0], type: .int32)
    try tensors.expect(tensors.inputs[0], shape: Shape([.batch, .sequence]))
    let (positions, width) = try tensors.expectRows(tensors.output)
    try tensors.expect(tensors.output, shape: .rows(.sequence, width))
    try tensors.expectActivation(tensors.output)
    _ = try tensors.expectRows(of: tensors.parameters[0], columns: width)
    try verifyTable(tensors, tensors.parameters[1], positions: positions, width: width)
  }

  private func verifyTable(_ tensors: NodeTensors, _ table: Tensor, positions: Dimension, width: Int) throws(GraphError) {
    let needed = positions.size(batch: 1, sequence: tensors.limits.sequence)
    guard try tensors.expectRows(of: table, columns: width) >= needed else {
      throw tensors.wrongShape(table, expected: "at least \(needed) rows")
    }
  }

  private func verifyPositions(_ tensors: NodeTensors, prefix: Int) throws(GraphError) {
    try tensors.expect(inputs: 1, parameters: 1...1)
    try tensors.expectActivation(tensors.inputs[0])
    try tensors.expectActivation(tensors.output)
    let (positions, width) = try tensors.expectRows(tensors.inputs[0])
    guard (0...Self.mostPositions).contains(prefix), let longer = positions.joined(with: .fixed(prefix)) else {
      throw tensors.bad("prefix")
    }
    let shape = prefix == 0 ? tensors.inputs[0].shape : Shape.rows(longer, width)
    try tensors.expect(tensors.output, shape: shape)
    try verifyTable(tensors, tensors.parameters[0], positions: shape.dimensions[1], width: width)
  }

  private func verifyConcatenate(_ tensors: NodeTensors) throws(GraphError) {
    guard tensors.inputs.count >= 2, tensors.parameters.isEmpty else {
      throw .wrongCount(node: tensors.node, what: "inputs", expected: 2, found: tensors.inputs.count)
    }
    var (joined, width) = try tensors.expectRows(tensors.inputs[0])
    try tensors.expectActivation(tensors.inputs[0])
    for input in tensors.inputs.dropFirst() {
      try tensors.expectActivation(input)
      let (positions, itsWidth) = try tensors.expectRows(input)
      guard itsWidth == width, let longer = joined.joined(with: positions) else {
        throw tensors.wrongShape(input, expected: "[batch,positions,\(width)], the sequence only once")
      }
      joined = longer
    }
    try tensors.expectActivation(tensors.output)
    try tensors.expect(tensors.output, shape: .rows(joined, width))
  }

  private func verifyFlatten(_ tensors: NodeTensors) throws(GraphError) {
    try tensors.expect(inputs: 1)
    let (size, channels) = try tensors.expectImage(tensors.inputs[0])
    try tensors.expectActivation(tensors.inputs[0])
    try tensors.expectActivation(tensors.output)
    try tensors.expect(tensors.output, shape: .rows(.fixed(size.height * size.width), channels))
    guard tensors.output.quantization == tensors.inputs[0].quantization else { throw tensors.bad("scale") }
  }

  private func verifyBoundary(_ tensors: NodeTensors) throws(GraphError) {
    try tensors.expect(inputs: 1)
    guard try tensors.expectSameShapes() <= Self.widestBoundary else { throw tensors.bad("width") }
    guard tensors.output.quantization == tensors.inputs[0].quantization else { throw tensors.bad("scale") }
  }

  private func verifyPool(_ tensors: NodeTensors, _ kind: Pool) throws(GraphError) {
    try tensors.expect(inputs: 1)
    let width = try tensors.expectFeatures(tensors.inputs[0])
    try tensors.expectActivation(tensors.inputs[0])
    if kind == .mean {
      let rows = tensors.inputs[0].shape.rowCount(sequence: tensors.limits.sequence) ?? .max
      guard rows <= Self.mostPositions else { throw tensors.wrongShape(tensors.inputs[0], expected: "at most \(Self.mostPositions) rows") }
    } else {
      _ = try tensors.expectRows(tensors.inputs[0])
    }
    try tensors.expectActivation(tensors.output)
    try tensors.expect(tensors.output, shape: .vector(width))
  }
}

// Products.
extension Operation {
  private func verifyLinear(_ tensors: NodeTensors) throws(GraphError) {
    try tensors.expect(inputs: 1, parameters: 1...2)
    try tensors.expectActivation(tensors.inputs[0])
    try tensors.expectActivation(tensors.output)
    let columns = try tensors.expectFeatures(tensors.inputs[0])
    let outputs = try tensors.expectFeatures(tensors.output)
    try tensors.expect(tensors.output, shape: tensors.inputs[0].shape.withWidth(outputs))
    try tensors.expectMatrix(tensors.parameters[0], outputs, columns)
    if tensors.parameters.count == 2 { try tensors.expectVector(tensors.parameters[1], count: outputs) }
    guard columns <= Self.widestProduct else { throw tensors.bad("width") }
  }

  private func verifyConvolution(_ tensors: NodeTensors, _ convolution: Convolution) throws(GraphError) {
    try tensors.expect(inputs: 1, parameters: 1...2)
    let (size, channels) = try tensors.expectImage(tensors.inputs[0])
    let outputs = try tensors.expectFeatures(tensors.output)
    try tensors.expectActivationOrCodes(tensors.inputs[0])
    try tensors.expectActivationOrCodes(tensors.output)
    let (window, groups) = (convolution.window, convolution.groups)
    guard window.isSound, let positions = window.positions(over: size) else { throw tensors.bad("window") }
    guard groups >= 1, channels % groups == 0, outputs % groups == 0 else { throw tensors.bad("groups") }
    let isSignal = tensors.inputs[0].shape.rank == 3
    try tensors.expect(tensors.output, shape: isSignal ? .rows(.fixed(positions.width), outputs) : .image(positions, outputs))
    try tensors.expectMatrix(tensors.parameters[0], outputs, window.size.height, window.size.width, channels / groups)
    if tensors.parameters.count == 2 { try tensors.expectVector(tensors.parameters[1], count: outputs) }
    let runs = convolution.runs(inputChannels: channels)
    guard runs.parts * ((runs.length + 3) / 4 * 4) <= Self.widestProduct else { throw tensors.bad("window") }
    if tensors.isQuantized { try verifyQuantizedConvolution(tensors, convolution, channels: channels, outputs: outputs) }
  }

  /// int16 is read only as the rows that the windows of a signal are; groups of several channels fill whole blocks of weights, and their
  /// windows have one line.
  private func verifyQuantizedConvolution(
    _ tensors: NodeTensors, _ convolution: Convolution, channels: Int, outputs: Int
  ) throws(GraphError) {
    let window = convolution.window
    let readsRows = convolution.groups == 1 && window.size.height == 1 && window.padding == .none && tensors.inputs[0].shape.rank == 3
    guard tensors.inputs[0].dataType == .uint8 || (readsRows && tensors.output.dataType == .int16) else {
      throw .wrongType(node: tensors.node, tensor: tensors.inputs[0].name, found: tensors.inputs[0].dataType)
    }
    let isBlocked = convolution.groups == 1 || (window.size.height == 1 && (outputs / convolution.groups) % Self.blockOutputs == 0)
    guard isBlocked || convolution.isDepthwise(inputChannels: channels, outputChannels: outputs) else { throw tensors.bad("groups") }
  }

  /// Integer scores of head-width products must fit int32: limits of query and key, and of value, see `Attention` in `Inference`.
  private func verifyAttention(_ tensors: NodeTensors, heads: Int, causal: Bool) throws(GraphError) {
    try tensors.expect(inputs: 3)
    try tensors.expectActivation(tensors.output)
    let (queries, width) = try tensors.expectRows(tensors.inputs[0])
    let (keys, _) = try tensors.expectRows(tensors.inputs[1])
    try tensors.expect(tensors.output, shape: tensors.inputs[0].shape)
    for input in tensors.inputs {
      try tensors.expectActivation(input)
      if case .tensor(_, let limit) = input.quantization, limit > Self.attentionLimit { throw .badScale(tensor: input.name) }
    }
    for input in tensors.inputs.dropFirst() { try tensors.expect(input, shape: .rows(keys, width)) }
    guard heads > 0, width % heads == 0, (width / heads) % 2 == 0, width / heads <= 256 else { throw tensors.bad("heads") }
    guard !causal || queries == keys else { throw tensors.bad("causal") }
  }

  private func verifyExpertLinear(_ tensors: NodeTensors, experts: Int) throws(GraphError) {
    try tensors.expect(inputs: 2, parameters: 2...2)
    try tensors.expectActivation(tensors.output)
    let (_, width) = try verifyLogits(tensors)
    let outputs = try tensors.expectFeatures(tensors.output)
    try tensors.expect(tensors.output, shape: tensors.inputs[0].shape.withWidth(outputs))
    guard tensors.inputs[1].shape.width == experts else { throw tensors.bad("experts") }
    try tensors.expectMatrix(tensors.parameters[0], experts * outputs, width)
    try tensors.expectVector(tensors.parameters[1], count: experts * outputs)
    guard width <= Self.widestProduct, !tensors.isQuantized || outputs % Self.blockOutputs == 0 else { throw tensors.bad("width") }
  }

  private func verifyExpertGate(_ tensors: NodeTensors) throws(GraphError) {
    try tensors.expect(inputs: 2)
    _ = try verifyLogits(tensors)
    try tensors.expectActivation(tensors.output)
    try tensors.expect(tensors.output, shape: tensors.inputs[0].shape)
  }

  /// The rows and as many rows of logits, of which the number is returned, and the width of the rows.
  private func verifyLogits(_ tensors: NodeTensors) throws(GraphError) -> (experts: Int, width: Int) {
    let (positions, width) = try tensors.expectRows(tensors.inputs[0])
    let (rows, experts) = try tensors.expectRows(tensors.inputs[1])
    for input in tensors.inputs { try tensors.expectActivation(input) }
    guard rows == positions else {
      throw tensors.wrongShape(tensors.inputs[1], expected: "as many positions as '\(tensors.inputs[0].name)'")
    }
    guard (1...Self.mostExperts).contains(experts) else { throw tensors.bad("experts") }
    return (experts, width)
  }

  private static let mostExperts = 256
}

// What works element by element, row by row or channel by channel.
extension Operation {
  private func verifyActivation(_ tensors: NodeTensors) throws(GraphError) {
    try tensors.expect(inputs: 1)
    _ = try tensors.expectFeatures(tensors.output)
    try tensors.expectActivation(tensors.inputs[0])
    try tensors.expectActivationOrCodes(tensors.output)
    try tensors.expect(tensors.inputs[0], shape: tensors.output.shape)
  }

  private func verifyAdd(_ tensors: NodeTensors) throws(GraphError) {
    try tensors.expect(inputs: 2)
    _ = try tensors.expectSameShapes()
  }

  private func verifyGatedAdd(_ tensors: NodeTensors) throws(GraphError) {
    try tensors.expect(inputs: 2, parameters: 1...1)
    _ = try tensors.expectSameShapes()
    try tensors.expectVector(tensors.parameters[0], count: 1)
  }

  private func verifyLayerNorm(_ tensors: NodeTensors, epsilon: Float) throws(GraphError) {
    try tensors.expect(inputs: 1, parameters: 2...2)
    let width = try tensors.expectSameShapes()
    for parameter in tensors.parameters { try tensors.expectVector(parameter, count: width) }
    guard epsilon > 0, epsilon < 1 else { throw tensors.bad("epsilon") }
    guard width <= Self.widestNorm else { throw tensors.bad("width") }
  }

  private func verifyChannelNorm(_ tensors: NodeTensors, epsilon: Float) throws(GraphError) {
    try tensors.expect(inputs: 1, parameters: 2...2)
    let width = try tensors.expectSameShapes()
    for parameter in tensors.parameters { try tensors.expectVector(parameter, count: width) }
    guard epsilon > 0, epsilon < 1 else { throw tensors.bad("epsilon") }
    let rows = tensors.inputs[0].shape.rowCount(sequence: tensors.limits.sequence) ?? .max
    guard rows <= Self.mostPositions else { throw tensors.wrongShape(tensors.inputs[0], expected: "at most \(Self.mostPositions) rows") }
  }

  private func verifyQuantize(_ tensors: NodeTensors) throws(GraphError) {
    try tensors.expect(inputs: 1)
    _ = try tensors.expectFeatures(tensors.output)
    try tensors.expectActivation(tensors.inputs[0])
    try tensors.expect(tensors.output, type: tensors.isQuantized ? .uint8 : .float32)
    try tensors.expect(tensors.inputs[0], shape: tensors.output.shape)
  }

  private func verifyMaxPool(_ tensors: NodeTensors, _ window: Window) throws(GraphError) {
    try tensors.expect(inputs: 1)
    let (size, channels) = try tensors.expectImage(tensors.inputs[0])
    try tensors.expectActivation(tensors.inputs[0])
    try tensors.expectActivation(tensors.output)
    guard window.isSound, tensors.inputs[0].shape.rank == 4, let positions = window.positions(over: size) else {
      throw tensors.bad("window")
    }
    try tensors.expect(tensors.output, shape: .image(positions, channels))
    guard tensors.output.quantization == tensors.inputs[0].quantization else { throw tensors.bad("scale") }
  }

  private func verifyL2Normalize(_ tensors: NodeTensors) throws(GraphError) {
    try tensors.expect(inputs: 1)
    let input = tensors.inputs[0]
    try tensors.expectActivation(input)
    guard let width = input.shape.width, input.shape == .vector(width) else { throw tensors.wrongShape(input, expected: "[batch,width]") }
    try tensors.expect(tensors.output, type: .float32)
    try tensors.expect(tensors.output, shape: input.shape)
  }
}
