package import ModelGraph

/// A graph as steps over values: what nodes compute, with batch norms where they are trained. Nodes that change nothing in float (flatten,
/// boundary, quantize) are no steps; their result is their input. What is aware of quantisation computes as nearly as float can what the
/// quantised graph will.
package struct Program: Sendable {
  /// What flows between steps.
  struct Value: Sendable {
    let columns: Int
    /// Whether a trained parameter has a part in it.
    var isTrained = false
  }

  struct Step: Sendable {
    let operation: any TapeOperation
    let node: Int
    /// Places in `values`.
    let inputs: [Int]
    let output: Int
    /// Places in the layout of the parameters.
    let parameters: [Int]
  }

  package let graph: Graph
  package private(set) var layout: ParameterLayout
  private(set) var values: [Value] = []
  private(set) var steps: [Step] = []
  private(set) var places: [TensorID: Int] = [:]
  /// Gains and running variances of batch norms, which begin with 1.
  private(set) var ones: [Int] = []

  /// Matrices that are rounded, of a program that is aware of quantisation.
  package private(set) var quantized: [QuantizedWeight] = []

  /// The graph is a float graph; parameters named in `frozen` are not trained. `beside` are names of parameters of one element that the
  /// graph does not have, such as the scale of a loss. With `isQuantized`, weights and inputs of products are rounded, and rows at
  /// boundaries; the weights' steps are parameters too.
  package init(
    _ graph: Graph, normalization: BatchNormalization = BatchNormalization(), frozen: Set<String> = [], beside: [String] = [],
    isQuantized: Bool = false
  ) throws(InterpreterError) {
    self.graph = graph
    layout = try ParameterLayout(graph, frozen: frozen)
    for name in beside { _ = layout.add(name, [1], isTrained: !frozen.contains(name)) }
    for id in graph.inputs { places[id] = add(graph[id].dataType == .int32 ? 0 : graph[id].shape.width ?? 1) }
    for (index, node) in graph.nodes.enumerated() { add(node, index, normalization, isQuantized) }
  }

  /// Memory for the parameters: zeros, and ones where batch norms begin with them.
  package func parameters() -> ParameterMemory {
    let memory = ParameterMemory(layout)
    for place in ones { memory[place].update(repeating: 1) }
    return memory
  }

  /// Of some parameters, by their places in the layout, the one that gradients reach first, and the node that it belongs to: nil for one
  /// beside the graph.
  package func firstReached(of places: Set<Int>) -> (place: Int, node: String?)? {
    if let beside = places.subtracting(steps.flatMap(\.parameters)).min() { return (beside, nil) }
    for step in steps.reversed() {
      if let place = step.parameters.first(where: places.contains) { return (place, graph.nodes[step.node].name) }
    }
    return nil
  }

  private mutating func add(_ columns: Int) -> Int {
    values.append(Value(columns: columns))
    return values.count - 1
  }

  private mutating func add(_ node: Node, _ index: Int, _ normalization: BatchNormalization, _ isQuantized: Bool) {
    let inputs = node.inputs.compactMap { places[$0] }
    let parameters = node.parameters.compactMap { layout[$0] }
    let isNormal = normalization.applies(to: node)
    let width = graph[node.output].shape.width ?? 1
    guard let operation = graph.tapeOperation(node, hasBias: node.parameters.count == 2 && !isNormal) else {
      let isCoded = isQuantized && node.operation == .boundary
      return places[node.output] = isCoded ? add(RowCodes(), index, inputs, [], width: width) : inputs[0]
    }
    let factors = isNormal ? [parameters[0]] : parameters
    let product = isQuantized ? quantized(operation, node) : nil
    let output = add(product?.operation ?? operation, index, inputs, factors + (product.map { [$0.step] } ?? []), width: width)
    guard isNormal else { return places[node.output] = output }
    let norm = BatchNorm(epsilon: normalization.norm.epsilon, momentum: normalization.norm.momentum, width: width)
    let own = normalization.add(node, of: graph, to: &layout)
    ones += [own.gain, own.variance]
    places[node.output] = add(norm, index, [output], [own.gain, parameters[1], own.mean, own.variance], width: width)
  }

  /// A product that rounds, and the place of its weights' steps; nil for other operations.
  private mutating func quantized(_ operation: any TapeOperation, _ node: Node) -> (operation: any TapeOperation, step: Int)? {
    guard node.operation.isProduct || node.operation.isConvolution, let place = layout[node.parameters[0]] else { return nil }
    let weight = layout.entries[place]
    let rounding = WeightRounding(
      rows: weight.sizes[0], columns: weight.range.count / weight.sizes[0], run: node.operation.isProduct ? LaneBudget.run : nil)
    let known = layout[QuantizedWeight.steps(of: weight.name)]
    let step = known ?? layout.add(QuantizedWeight.steps(of: weight.name), [rounding.rows], isTrained: weight.isTrained)
    if known == nil { quantized.append(QuantizedWeight(weight: place, step: step, rounding: rounding)) }
    let product = QuantizedProduct(
      operation: operation, weights: rounding, inputs: graph[node.inputs[0]].shape.width ?? 1,
      coding: node.operation.isProduct ? .rows : .examples)
    return (product, step)
  }

  private mutating func add(_ operation: any TapeOperation, _ node: Int, _ inputs: [Int], _ parameters: [Int], width: Int) -> Int {
    let output = add(width)
    steps.append(Step(operation: operation, node: node, inputs: inputs, output: output, parameters: parameters))
    values[output].isTrained =
      parameters.contains { layout.entries[$0].isTrained }
      || inputs.enumerated().contains { values[$0.element].isTrained && operation.gives(gradientOf: $0.offset) }
    return output
  }
}

extension Operation {
  /// Whether the first parameter multiplies the rows of the first input.
  package var isProduct: Bool {
    switch self {
    case .linear, .expertLinear: true
    default: false
    }
  }

  package var isConvolution: Bool {
    if case .convolution = self { true } else { false }
  }
}

extension Graph {
  /// How a node computes in float; nil where its result is its input. The verifier has seen that its tensors have the shapes that are read
  /// here.
  fileprivate func tapeOperation(_ node: Node, hasBias: Bool) -> (any TapeOperation)? {
    let inputs = self[node.inputs[0]].shape.width ?? 1
    let outputs = self[node.output].shape.width ?? 1
    switch node.operation {
    case .embedding: return Embedding()
    case .positions(let prefix): return Positions(prefix: prefix)
    case .linear: return Linear(inputs: inputs, outputs: outputs, hasBias: hasBias)
    case .convolution(let convolution): return tapeConvolution(node, convolution, hasBias: hasBias)
    case .activation(let function): return ElementwiseActivation(function: function)
    case .add: return Add()
    case .gatedAdd: return GatedAdd()
    case .layerNorm(let epsilon): return LayerNorm(epsilon: epsilon)
    case .channelNorm(let epsilon): return ChannelNorm(epsilon: epsilon, width: outputs)
    case .attention(let heads, let causal): return Attention(heads: heads, causal: causal)
    case .expertLinear(let experts):
      return ExpertLinear(experts: experts, linear: Linear(inputs: inputs, outputs: outputs, hasBias: true))
    case .expertGate: return ExpertGate()
    case .concatenate: return Concatenate()
    case .flatten, .boundary, .quantize: return nil
    case .pool(let kind): return RowPool(kind: kind)
    case .maxPool(let window):
      let (size, positions) = windowSizes(node)
      return MaxPool(window: window, size: size, positions: positions, channels: outputs)
    case .l2Normalize: return L2Normalize()
    }
  }

  private func tapeConvolution(_ node: Node, _ convolution: Convolution, hasBias: Bool) -> any TapeOperation {
    let inputs = self[node.inputs[0]].shape.width ?? 1
    let outputs = self[node.output].shape.width ?? 1
    if convolution == Convolution(Window(1)) { return Linear(inputs: inputs, outputs: outputs, hasBias: hasBias) }
    let (size, positions) = windowSizes(node)
    let windows = Windows(
      window: convolution.window, size: size, positions: positions, channels: inputs, groups: convolution.groups)
    guard convolution.isDepthwise(inputChannels: inputs, outputChannels: outputs) else {
      return ImageConvolution(windows: windows, groups: convolution.groups, outputs: outputs, hasBias: hasBias)
    }
    return DepthwiseConvolution(windows: windows, hasBias: hasBias)
  }

  private func windowSizes(_ node: Node) -> (image: Window.Size, positions: Window.Size) {
    let none = Window.Size(height: 1, width: 1)
    return (self[node.inputs[0]].shape.imageSize ?? none, self[node.output].shape.imageSize ?? none)
  }
}
