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
      case .uint8: .codes(scale: scale, zero: try line.number("zero"))
      case .int8: .rows
      case .int32, .float32: .none
      }
    try line.end()
    guard type == .int16 || type == .uint8 || scale.bitPattern == 0 else { throw line.error("scale") }
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
    switch name {
    case "layer-norm": return .layerNorm(epsilon: epsilon)
    case "channel-norm": return .channelNorm(epsilon: epsilon)
    default: break
    }
    guard epsilon.bitPattern == 0 else { throw line.error("epsilon") }
    switch name {
    case "attention": return .attention(heads: try line.number("heads"), causal: try Self.flag("causal", &line))
    case "positions": return .positions(prefix: try line.number("prefix"))
    case "expert-linear": return .expertLinear(experts: try line.number("experts"))
    case "convolution":
      let window = try Self.window(&line)
      return .convolution(Convolution(window, groups: try line.number("groups")))
    case "max-pool": return .maxPool(try Self.window(&line))
    default: break
    }
    guard let operation = Self.plainOperations.first(where: { $0.name == name }) else { throw line.error("operation") }
    return operation
  }

  /// The operations without attributes beyond their names.
  private static let plainOperations: [Operation] =
    [.embedding, .linear, .add, .gatedAdd, .expertGate, .concatenate, .flatten, .boundary, .quantize, .l2Normalize]
    + Activation.allCases.map { .activation($0) } + Pool.allCases.map { .pool($0) }

  /// `label=1`, or nothing.
  private static func flag(_ label: String, _ line: inout LineReader) throws(BundleError) -> Bool {
    guard line.continues(with: label) else { return false }
    guard try line.number(label) == 1 else { throw line.error(label) }
    return true
  }

  private static func window(_ line: inout LineReader) throws(BundleError) -> Window {
    let size = try numbers("size", 2, &line)
    let stride = try numbers("stride", 2, &line)
    let padding = try numbers("padding", 4, &line)
    return Window(
      size: Window.Size(height: size[0], width: size[1]), stride: Window.Size(height: stride[0], width: stride[1]),
      padding: Window.Padding(top: padding[0], bottom: padding[1], left: padding[2], right: padding[3]))
  }

  private static func numbers(_ label: String, _ count: Int, _ line: inout LineReader) throws(BundleError) -> [Int] {
    let words = try line.list(label)
    let numbers = words.compactMap { Int(decimal: $0) }
    guard words.count == count, numbers.count == count else { throw line.error(label) }
    return numbers
  }

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
      let role = try Self.role(&line)
      try line.end()
      segments.append(Segment(name: name, nodes: start..<end, role: role))
      parts.append((size, digest))
      start = end
    }
    return segments
  }

  /// `role=local`, or nothing for the main path.
  private static func role(_ line: inout LineReader) throws(BundleError) -> Segment.Role {
    guard line.continues(with: "role") else { return .main }
    guard try line.labelled("role").elementsEqual(Segment.Role.local.rawValue.utf8) else { throw line.error("role") }
    return .local
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
      } else if part.starts(with: "sequence+".utf8) {
        guard let extra = Int(decimal: part.dropFirst("sequence+".utf8.count)) else { return nil }
        dimensions.append(.extendedSequence(by: extra))
      } else {
        guard let size = Int(decimal: part) else { return nil }
        dimensions.append(.fixed(size))
      }
    }
    self.init(dimensions)
  }
}
