package import ModelGraph

/// One tensor of the file.
package struct TensorPlace: Equatable {
  /// What the bytes mean, and so what they are checked for.
  package enum Content: Equatable {
    /// Numbers, finite and at most 2^64 in magnitude.
    case numbers
    /// Scales, 2^-64 to 2^64.
    case scales
    /// int8 in [−127, 127], row-major.
    case table
    /// int8 in [−127, 127], blocked: [outputs/16, inputs/4, 16, 4], zeros to whole blocks. The inputs of a convolution are the runs of its
    /// window, each with zeros to a multiple of 4.
    case blocked
    /// The sums of the outputs of the blocked matrix before it.
    case sums
    /// The proved run of each block of 16 outputs of the blocked matrix behind it: one of `Layout.runs`, or 0.
    case proofs
  }

  package let name: String
  package let content: Content
  /// Outermost first.
  package let dimensions: [Int]
  /// From the start of the first segment.
  package let bytes: Range<Int>
}

extension TensorPlace.Content {
  package var type: GGUFTensorType {
    switch self {
    case .numbers, .scales: .float32
    case .table, .blocked, .proofs: .int8
    case .sums: .int32
    }
  }

  package var elementSize: Int { type == .int8 ? 1 : 4 }
}

/// How an operation wants the values of a parameter to lie.
package enum ParameterForm: Equatable {
  /// Row-major.
  case plain
  /// A matrix of `parts` runs of `length` inputs an output, in blocks.
  case blocked(parts: Int, length: Int)
  /// The weights of a depthwise convolution: channels innermost.
  case taps

  init(of node: Node, _ index: Int, in graph: Graph) {
    let tensor = graph[node.parameters[index]]
    let width = tensor.shape.width ?? 1
    switch (node.operation, index) {
    case (.linear, 0), (.expertLinear, 0): self = .blocked(parts: 1, length: width)
    case (.convolution(let convolution), 0):
      let channels = graph[node.inputs[0]].shape.width ?? 1
      let runs = convolution.runs(inputChannels: channels)
      let isDepthwise = convolution.isDepthwise(inputChannels: channels, outputChannels: graph[node.output].shape.width ?? 1)
      self = isDepthwise ? .taps : .blocked(parts: runs.parts, length: runs.length)
    default: self = .plain
    }
  }
}

/// Where the parameters of a graph lie in a bundle: it follows from the graph and the format alone. Segments come in order, each at a
/// page's start, with the parameters that it is the first to use in order of use, a parameter's companions (`.scale`, `.sum`) right behind
/// it, each tensor at a multiple of 64 bytes. The space up to the next segment belongs to the segment before it. From format 2 on, a
/// blocked matrix has its companion `.proof` right before it, so that one pass over the file checks it.
package struct Layout {
  package static let alignment = 64
  package static let page = 4096
  /// Outputs and inputs of one block of a blocked matrix.
  package static let blockColumns = 16
  package static let blockDepth = 4
  /// How many groups of a block's inputs may be proved to fit a sum of 16 bits, the longest first. A run of n groups starts at each
  /// multiple of n. In each of its lanes (an output's inputs 0 and 1 of every group, or 2 and 3) neither the positive weights nor the
  /// negative ones exceed the limit: times codes of at most 255 they fit.
  package static let runs = [8, 4, 2, 1]
  package static let laneInputs = 2
  package static let laneLimit = 128

  package private(set) var places: [TensorPlace] = []
  /// For each segment its tensors, as a range of `places`, and its bytes from the start of the first segment.
  package private(set) var segments: [(places: Range<Int>, bytes: Range<Int>)] = []
  /// The first place of each parameter.
  package private(set) var parameters: [TensorID: Int] = [:]
  package private(set) var size = 0
  /// How the bundle holds each parameter.
  package private(set) var forms: [TensorID: ParameterForm]
  private var names: Set<String> = []
  private let hasProofs: Bool

  package init(_ graph: Graph, format: UInt32 = BundleKeys.formatVersion) throws(BundleError) {
    hasProofs = format >= 2
    forms = try Self.forms(of: graph)
    for segment in graph.segments {
      try close()
      let first = places.count
      let start = size
      for id in graph.parameters(of: segment.nodes) where parameters[id] == nil {
        parameters[id] = places.count
        try add(graph[id], as: forms[id] ?? .plain)
      }
      segments.append((first..<places.count, start..<size))
    }
  }

  /// How its readers want each parameter. One that is read in two ways has no layout.
  private static func forms(of graph: Graph) throws(BundleError) -> [TensorID: ParameterForm] {
    var forms: [TensorID: ParameterForm] = [:]
    for node in graph.nodes {
      for (index, id) in node.parameters.enumerated() {
        let form = ParameterForm(of: node, index, in: graph)
        guard forms.updateValue(form, forKey: id) ?? form == form else { throw .ambiguousParameter(graph[id].name) }
      }
    }
    return forms
  }

  /// Ends the segment before the next one at a page's end.
  private mutating func close() throws(BundleError) {
    guard let last = segments.indices.last else { return }
    guard let end = size.aligned(to: Self.page) else { throw tooLarge("segments") }
    segments[last].bytes = segments[last].bytes.lowerBound..<end
    size = end
  }

  private mutating func add(_ tensor: Tensor, as form: ParameterForm) throws(BundleError) {
    var sizes: [Int] = []
    for case .fixed(let size) in tensor.shape.dimensions { sizes.append(size) }
    guard tensor.dataType == .int8, sizes.count > 1 else { return try add(tensor.name, .numbers, sizes) }
    switch form {
    case .plain: try add(tensor.name, .table, sizes)
    case .taps: try add(tensor.name, .table, [sizes[1], sizes[2], sizes[0]])
    case .blocked(let parts, let length):
      guard let outputs = sizes[0].aligned(to: Self.blockColumns), let run = length.aligned(to: Self.blockDepth) else {
        throw tooLarge(tensor.name)
      }
      let blocks = [outputs / Self.blockColumns, parts * (run / Self.blockDepth), Self.blockColumns, Self.blockDepth]
      if hasProofs { try add(tensor.name + ".proof", .proofs, [blocks[0]]) }
      try add(tensor.name, .blocked, blocks)
    }
    try add(tensor.name + ".scale", .scales, [sizes[0]])
    if case .blocked = form { try add(tensor.name + ".sum", .sums, [sizes[0]]) }
  }

  private mutating func add(_ name: String, _ content: TensorPlace.Content, _ dimensions: [Int]) throws(BundleError) {
    guard names.insert(name).inserted else { throw .ambiguousParameter(name) }
    var count = content.elementSize
    for dimension in dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard !overflow else { throw tooLarge(name) }
      count = product
    }
    let (end, overflow) = size.addingReportingOverflow(count)
    guard !overflow, let next = end.aligned(to: Self.alignment) else { throw tooLarge(name) }
    places.append(TensorPlace(name: name, content: content, dimensions: dimensions, bytes: size..<end))
    size = next
  }

  private func tooLarge(_ field: String) -> BundleError { .tooLarge(field: field, offset: 0, limit: Int.max) }
}
