import ModelGraph

/// Reads a graph back from its lines, and hands it to the verifier.
struct GraphReader {
  private let header: GGUFHeader
  private var names: [String: TensorID] = [:]
  /// The size and digest that the bundle names for each segment.
  private(set) var parts: [(size: Int, digest: Digest)] = []

  init(_ header: GGUFHeader) { self.header = header }

  mutating func graph(_ bytes: Span<UInt8>) throws(BundleError) -> Graph {
    let tensors = try tensors(bytes)
    for (index, tensor) in tensors.enumerated() { names[tensor.name] = TensorID(index) }
    let nodes = try nodes(bytes)
    let segments = try segments(bytes)
    let inputs = try identifiers(GraphText.inputs, bytes)
    let outputs = try identifiers(GraphText.outputs, bytes)
    let limits = Limits(
      batch: Int(truncatingIfNeeded: try header.uint32(GraphText.batch, bytes)),
      sequence: Int(truncatingIfNeeded: try header.uint32(GraphText.sequence, bytes)))
    let graph: Graph
    do {
      graph = try Graph(tensors: tensors, nodes: nodes, segments: segments, inputs: inputs, outputs: outputs, limits: limits)
    } catch {
      throw .graph(error)
    }
    try checkSplitPoints(of: graph, bytes)
    return graph
  }

  /// The lines of `key` and the float that stands beside each under `floatKey`.
  private func lines(_ key: String, with floatKey: String, _ bytes: Span<UInt8>) throws(BundleError) -> [(LineReader, Float)] {
    let lines = try header.lines(key, bytes)
    let floats = try header.floats(floatKey, bytes)
    guard lines.count == floats.count else { throw .wrongCount(field: floatKey, expected: lines.count, found: floats.count) }
    return Array(zip(lines, floats))
  }

  private func tensors(_ bytes: Span<UInt8>) throws(BundleError) -> [Tensor] {
    var tensors: [Tensor] = []
    for (line, scale) in try lines(GraphText.tensors, with: GraphText.scales, bytes) { tensors.append(try tensor(line, scale: scale)) }
    return tensors
  }

  private func tensor(_ text: LineReader, scale: Float) throws(BundleError) -> Tensor {
    var line = text
    let name = try line.string("name")
    guard let type = DataType(rawValue: try line.string("type")) else { throw line.error("type") }
    guard let shape = Shape(text: try line.word("shape")) else { throw line.error("shape") }
    let quantization: Quantization =
      switch type {
      case .int16: .tensor(scale: scale, limit: try line.number("limit"))
      case .int8: .rows
      case .int32, .float32: .none
      }
    try line.end()
    guard type == .int16 || scale.bitPattern == 0 else { throw line.error("scale") }
    return Tensor(name: name, shape: shape, dataType: type, quantization: quantization)
  }

  private func nodes(_ bytes: Span<UInt8>) throws(BundleError) -> [Node] {
    var nodes: [Node] = []
    for (line, epsilon) in try lines(GraphText.nodes, with: GraphText.epsilons, bytes) {
      nodes.append(try node(line, epsilon: epsilon))
    }
    return nodes
  }

  private func node(_ text: LineReader, epsilon: Float) throws(BundleError) -> Node {
    var line = text
    let name = try line.string("name")
    let operation = try operation(&line, epsilon: epsilon)
    let inputs = try tensors(&line, "in")
    let parameters = line.continues(with: "with") ? try tensors(&line, "with") : []
    let outputs = try tensors(&line, "out")
    try line.end()
    guard let output = outputs.first, outputs.count == 1 else { throw line.error("out") }
    return Node(name: name, operation: operation, inputs: inputs, parameters: parameters, output: output)
  }

  private func operation(_ line: inout LineReader, epsilon: Float) throws(BundleError) -> Operation {
    let name = try line.string("operation")
    if name == Operation.layerNorm(epsilon: epsilon).name { return .layerNorm(epsilon: epsilon) }
    guard epsilon.bitPattern == 0 else { throw line.error("epsilon") }
    if name == Operation.attention(heads: 1).name { return .attention(heads: try line.number("heads")) }
    guard let operation = Self.plainOperations.first(where: { $0.name == name }) else { throw line.error("operation") }
    return operation
  }

  /// The operations without attributes beyond their names.
  private static let plainOperations: [Operation] =
    [.embedding, .linear, .add, .boundary, .l2Normalize] + Activation.allCases.map { .activation($0) } + Pool.allCases.map { .pool($0) }

  private func tensors(_ line: inout LineReader, _ label: String) throws(BundleError) -> [TensorID] {
    var ids: [TensorID] = []
    for name in try line.list(label) {
      guard let id = names[String(decoding: name, as: UTF8.self)] else { throw line.error(label) }
      ids.append(id)
    }
    return ids
  }

  private mutating func segments(_ bytes: Span<UInt8>) throws(BundleError) -> [Segment] {
    var segments: [Segment] = []
    var start = 0
    for var line in try header.lines(GraphText.segments, bytes) {
      let name = try line.string("name")
      let (end, overflow) = start.addingReportingOverflow(try line.number("nodes"))
      guard !overflow else { throw line.error("nodes") }
      let size = try line.number("bytes")
      guard let digest = Digest(hexadecimal: try line.labelled("sha256")) else { throw line.error("sha256") }
      try line.end()
      segments.append(Segment(name: name, nodes: start..<end))
      parts.append((size, digest))
      start = end
    }
    return segments
  }

  private func identifiers(_ key: String, _ bytes: Span<UInt8>) throws(BundleError) -> [TensorID] {
    var ids: [TensorID] = []
    for var line in try header.lines(key, bytes) {
      guard let id = names[try line.string("name")] else { throw line.error("name") }
      try line.end()
      ids.append(id)
    }
    return ids
  }

  /// The names of the split points stand in the bundle for its readers; they follow from the graph.
  private func checkSplitPoints(of graph: Graph, _ bytes: Span<UInt8>) throws(BundleError) {
    let lines = header[GraphText.splitPoints] == nil ? [] : try header.lines(GraphText.splitPoints, bytes)
    guard lines.count == graph.splitPoints.count else {
      throw .wrongCount(field: GraphText.splitPoints, expected: graph.splitPoints.count, found: lines.count)
    }
    for (line, point) in zip(lines, graph.splitPoints) {
      var line = line
      guard try line.string("name") == point.name, line.isAtEnd else { throw line.error("name") }
    }
  }
}

extension Shape {
  /// Reads what `description` writes, such as `[batch,sequence,384]`.
  init?(text: ArraySlice<UInt8>) {
    guard text.count >= 2, text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]") else { return nil }
    var dimensions: [Dimension] = []
    for part in text.dropFirst().dropLast().split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      if part.elementsEqual("batch".utf8) {
        dimensions.append(.batch)
      } else if part.elementsEqual("sequence".utf8) {
        dimensions.append(.sequence)
      } else {
        guard let size = Int(decimal: part) else { return nil }
        dimensions.append(.fixed(size))
      }
    }
    self.init(dimensions)
  }
}
