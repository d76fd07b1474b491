/// Checks the parts of a graph before there is one. Every check is bounded by the sizes of its arrays; nothing recurses.
struct GraphVerifier {
  let tensors: [Tensor]
  let nodes: [Node]
  let segments: [Segment]
  let inputs: [TensorID]
  let outputs: [TensorID]
  let limits: Limits

  static let maximumTensors = 1 << 16
  static let maximumNodes = 1 << 14
  static let scales: ClosedRange<Float> = 0x1p-64...0x1p64

  /// Returns the split points.
  func verify() throws(GraphError) -> [SplitPoint] {
    try verifySizes()
    try verifyTensors()
    try verifyReferences()
    try verifyOrder()
    try verifyNodes()
    try verifySegments()
    let points = splitPoints()
    try verifyLocalPath(points)
    return points
  }

  private func verifySizes() throws(GraphError) {
    for (what, count, limit) in [
      ("tensors", tensors.count, Self.maximumTensors), ("nodes", nodes.count, Self.maximumNodes),
      ("segments", segments.count, Self.maximumNodes),
    ] where count > limit {
      throw .tooMany(what: what, count: count, limit: limit)
    }
    guard (1...65535).contains(limits.batch), (1...65535).contains(limits.sequence) else {
      throw .badLimits(batch: limits.batch, sequence: limits.sequence)
    }
  }

  private func verifyNames(_ names: [String]) throws(GraphError) {
    var seen: Set<String> = []
    for name in names {
      guard Self.isName(name) else { throw .badName(name) }
      guard seen.insert(name).inserted else { throw .duplicateName(name) }
    }
  }

  private static func isName(_ name: String) -> Bool {
    (1...128).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
      }
  }

  private func verifyTensors() throws(GraphError) {
    try verifyNames(tensors.map { $0.name })
    try verifyNames(nodes.map { $0.name })
    try verifyNames(segments.map { $0.name })
    for tensor in tensors {
      guard tensor.shape.dimensions.allSatisfy({ $0.isSound }) else { throw .badShape(tensor: tensor.name, shape: tensor.shape) }
      guard tensor.shape.elementCount(batch: limits.batch, sequence: limits.sequence) != nil, (1...4).contains(tensor.shape.rank) else {
        throw .badShape(tensor: tensor.name, shape: tensor.shape)
      }
      guard tensor.isQuantizationSound else { throw .badScale(tensor: tensor.name) }
    }
  }

  private func verifyReferences() throws(GraphError) {
    for node in nodes {
      for id in node.inputs + node.parameters + [node.output] where !tensors.indices.contains(id.index) {
        throw .unknownTensor(node: node.name, index: id.index)
      }
    }
    for id in inputs + outputs where !tensors.indices.contains(id.index) {
      throw .unknownTensor(node: "graph", index: id.index)
    }
  }

  /// Every activation is written once, before it is read, and is read or is an output.
  private func verifyOrder() throws(GraphError) {
    var writer: [TensorID: Int] = [:]
    let given = Set(inputs)
    let parameters = Set(nodes.flatMap { $0.parameters })
    for id in inputs where parameters.contains(id) { throw .writtenTwice(tensor: name(id)) }
    for (index, node) in nodes.enumerated() {
      guard writer.updateValue(index, forKey: node.output) == nil, !given.contains(node.output), !parameters.contains(node.output) else {
        throw .writtenTwice(tensor: name(node.output))
      }
    }
    for (index, node) in nodes.enumerated() {
      for id in node.inputs where !given.contains(id) {
        guard let source = writer[id] else { throw .undefinedInput(node: node.name, tensor: name(id)) }
        guard source < index else { throw .cycle(node: node.name, tensor: name(id)) }
      }
    }
    for id in outputs where writer[id] == nil { throw .undefinedInput(node: "graph", tensor: name(id)) }
    let read = Set(nodes.flatMap { $0.inputs } + outputs).union(parameters)
    for index in tensors.indices where !read.contains(TensorID(index)) { throw .unused(tensor: tensors[index].name) }
  }

  private func verifyNodes() throws(GraphError) {
    for node in nodes {
      try node.operation.verify(
        NodeTensors(
          node: node.name, inputs: node.inputs.map { tensors[$0.index] }, parameters: node.parameters.map { tensors[$0.index] },
          output: tensors[node.output.index], limits: limits))
    }
  }

  private func verifySegments() throws(GraphError) {
    var next = 0
    for segment in segments {
      guard segment.nodes.lowerBound == next, !segment.nodes.isEmpty, segment.nodes.upperBound <= nodes.count else {
        throw .badSegment(segment.name)
      }
      next = segment.nodes.upperBound
    }
    for (segment, following) in zip(segments, segments.dropFirst()) where segment.role == .local && following.role == .main {
      throw .mainBehindLocal(segment: following.name)
    }
    guard next == nodes.count, !nodes.isEmpty else { throw .badSegment(segments.last?.name ?? "") }
  }

  /// Those of the main path.
  private var mainSegments: ArraySlice<Segment> { segments.prefix { $0.role == .main } }

  /// A main segment's end is a split point where something crosses it to later ones and only outputs of boundaries do. A graph's input that
  /// a later segment reads does not cross: it stays on the device.
  private func splitPoints() -> [SplitPoint] {
    mainSegments.indices.dropLast().compactMap { index in
      let end = segments[index].nodes.upperBound
      guard nodes[end - 1].operation == .boundary else { return nil }
      let later = nodes[end..<(mainSegments.last?.nodes.upperBound ?? end)]
      let read = Set(later.flatMap { $0.inputs }).union(outputs)
      guard read.isDisjoint(with: inputs) else { return nil }
      let crossing = nodes[..<end].filter { read.contains($0.output) }
      guard !crossing.isEmpty, crossing.allSatisfy({ $0.operation == .boundary }) else { return nil }
      return SplitPoint(name: segments[index].name, segment: index, tensors: crossing.map { $0.output })
    }
  }

  /// The local path, which stands last, reads what crosses and what it writes. So nothing else reads that; and as nothing may be unused,
  /// either path ends in an output.
  private func verifyLocalPath(_ points: [SplitPoint]) throws(GraphError) {
    var readable = Set(points.flatMap { $0.tensors })
    for node in nodes[(mainSegments.last?.nodes.upperBound ?? 0)...] {
      for id in node.inputs where !readable.contains(id) { throw .localInput(node: node.name, tensor: name(id)) }
      readable.insert(node.output)
    }
  }

  private func name(_ id: TensorID) -> String { tensors[id.index].name }
}

extension Dimension {
  fileprivate var isSound: Bool {
    switch self {
    case .fixed(let size), .extendedSequence(let size): (1...Dimension.maximum).contains(size)
    case .batch, .sequence: true
    }
  }
}

extension Tensor {
  /// Whether the quantisation fits the type: finite scales in range, limits that the type can hold.
  fileprivate var isQuantizationSound: Bool {
    switch (quantization, dataType) {
    case (.none, .float32), (.none, .int32): true
    case (.tensor(let scale, let limit), .int16): GraphVerifier.scales.contains(scale) && (1...32767).contains(limit)
    case (.codes(let scale, let zero), .uint8): GraphVerifier.scales.contains(scale) && (0...255).contains(zero)
    case (.rows, .int8): shape.rank == 2 || shape.rank == 4
    default: false
    }
  }
}
