import ModelGraph

/// Builds an encoder's graph, and writes down where each parameter's values lie in a checkpoint. Parameters have the checkpoint's names;
/// `stem` is such a name without `.weight` and `.bias`.
struct EncoderBuilder {
  private(set) var graph: GraphBuilder
  /// Parameters that are not here lie in the checkpoint as they are.
  private(set) var sources: [TensorID: ParameterSource] = [:]
  /// The input of tokens, once there is one.
  private(set) var tokens: TensorID?
  /// What stands before the names of nodes, parameters and segments.
  private var scope = ""

  init(_ graph: GraphBuilder = GraphBuilder()) { self.graph = graph }

  func shape(_ id: TensorID) -> Shape { graph.shape(id) }

  /// The layers of that modality's transformer, where the part that is being built has one.
  func layers(of modality: Modality) -> EncoderLayers? { EncoderLayers(of: modality, graph.outputs, prefix: scope) }

  func width(_ id: TensorID) -> Int { graph.shape(id).width ?? 1 }

  mutating func input(_ name: String, _ shape: Shape, _ type: DataType = .float32) -> TensorID {
    let id = graph.input(name, shape: shape, dataType: type)
    if type == .int32 { tokens = id }
    return id
  }

  mutating func parameter(_ name: String, _ sizes: [Int], from source: ParameterSource? = nil) -> TensorID {
    let id = graph.parameter(scope + name, sizes: sizes)
    sources[id] = source
    return id
  }

  /// A node whose output has the shape of its first input, if no other is given.
  mutating func node(
    _ name: String, _ operation: Operation, _ inputs: TensorID..., parameters: [TensorID] = [], shape: Shape? = nil
  ) -> TensorID {
    graph.node(scope + name, operation, inputs: inputs, parameters: parameters, shape: shape ?? graph.shape(inputs[0]))
  }

  mutating func concatenate(_ name: String, _ inputs: [TensorID], shape: Shape) -> TensorID {
    graph.node(scope + name, .concatenate, inputs: inputs, shape: shape)
  }

  mutating func endSegment(_ name: String, role: Segment.Role = .main) { graph.endSegment(scope + name, role: role) }

  /// Builds a part whose nodes, parameters and segments have names that begin with `name` and a point. Inputs keep theirs.
  mutating func scoped<Result>(_ name: String, _ build: (inout EncoderBuilder) -> Result) -> Result {
    let outer = scope
    scope += name + "."
    defer { scope = outer }
    return build(&self)
  }

  /// Ends a segment with a boundary.
  mutating func close(_ segment: String, _ input: TensorID) -> TensorID {
    let output = node("\(segment).boundary", .boundary, input)
    endSegment(segment)
    return output
  }
}

// Operations with their parameters.
extension EncoderBuilder {
  /// A matrix over rows or vectors. `part` is the place in a fused query, key and value.
  mutating func linear(
    _ name: String, _ stem: String, _ input: TensorID, outputs: Int, part: Int? = nil, hasBias: Bool = true
  ) -> TensorID {
    func source(_ kind: String) -> ParameterSource? { part.map { .part("\(stem).\(kind)", $0, of: 3) } }
    let own = part.map { "\(stem).\($0)" } ?? stem
    var parameters = [parameter("\(own).weight", [outputs, width(input)], from: source("weight"))]
    if hasBias { parameters.append(parameter("\(own).bias", [outputs], from: source("bias"))) }
    return node(name, .linear, input, parameters: parameters, shape: shape(input).withWidth(outputs))
  }

  mutating func layerNorm(_ name: String, _ stem: String, _ input: TensorID, epsilon: Float) -> TensorID {
    let parameters = [parameter("\(stem).weight", [width(input)]), parameter("\(stem).bias", [width(input)])]
    return node(name, .layerNorm(epsilon: epsilon), input, parameters: parameters)
  }

  /// A convolution over an image or a signal; its kernel from `stem`, or from where `kernel` says.
  mutating func convolution(
    _ name: String, _ stem: String, _ input: TensorID, _ convolution: Convolution, outputs: Int, hasBias: Bool = true,
    kernel: ParameterSource? = nil, bias: ParameterSource? = nil
  ) -> TensorID {
    let size = convolution.window.size
    let sizes = [outputs, size.height, size.width, width(input) / convolution.groups]
    var parameters = [parameter("\(stem).weight", sizes, from: kernel ?? .kernel("\(stem).weight"))]
    if hasBias { parameters.append(parameter("\(stem).bias", [outputs], from: bias)) }
    return node(name, .convolution(convolution), input, parameters: parameters, shape: shape(of: convolution, over: input, outputs))
  }

  /// The shape of a convolution's output. A window that does not fit gives one position, which the graph's verifier refuses.
  private func shape(of convolution: Convolution, over input: TensorID, _ outputs: Int) -> Shape {
    let none = Window.Size(height: 1, width: 1)
    let positions = shape(input).imageSize.flatMap { convolution.window.positions(over: $0) } ?? none
    return shape(input).rank == 3 ? .rows(.fixed(positions.width), outputs) : .image(positions, outputs)
  }

  mutating func pool(_ name: String, _ kind: Pool, _ input: TensorID) -> TensorID {
    node(name, .pool(kind), input, shape: .vector(width(input)))
  }
}
