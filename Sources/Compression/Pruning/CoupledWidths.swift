import ModelGraph

/// An axis of a tensor, outermost first.
struct TensorAxis: Hashable {
  let tensor: TensorID
  let axis: Int
}

/// Axes of a model's tensors that only become narrower together: the outputs of what makes a tensor, its channels, and the inputs of
/// what reads it. (Fang et al. 2023, DepGraph)
struct CoupledWidth {
  /// Those of parameters, in the order in which these come.
  fileprivate(set) var axes: [TensorAxis] = []
  /// Channels that stay or go together: those of a head.
  fileprivate(set) var unit = 1
  /// Why it must stay as it is; nil where it can become narrower. What is left then computes what the model computes whose other channels
  /// are zero in all parameters of the width.
  fileprivate(set) var obstacle: String?
}

/// All coupled widths of a graph.
struct CoupledWidths {
  private(set) var all: [CoupledWidth] = []
  /// Of axes that are as long as several widths, one for each expert, how many.
  private(set) var repeats: [TensorAxis: Int] = [:]
  private let graph: Graph
  /// Of each axis another of its width, or itself.
  private var parents: [TensorAxis: TensorAxis] = [:]
  private var obstacles: [TensorAxis: String] = [:]
  private var units: [TensorAxis: Int] = [:]

  init(_ graph: Graph) {
    self.graph = graph
    for id in graph.inputs { fix(channels(id), "a request brings it") }
    for node in graph.nodes { couple(node) }
    for id in graph.outputs { fix(channels(id), "it is an output") }
    collect()
  }

  private mutating func couple(_ node: Node) {
    let output = channels(node.output)
    let input = channels(node.inputs[0])
    switch node.operation {
    case .linear: product(node, inputs: 1)
    case .convolution(let convolution): couple(node, convolution)
    case .activation, .add, .gatedAdd, .concatenate, .flatten, .boundary, .quantize, .pool, .maxPool: joinChannels(of: node)
    case .embedding, .positions:
      for parameter in node.parameters { join(TensorAxis(tensor: parameter, axis: 1), output) }
      if node.operation != .embedding { join(input, output) }
    case .channelNorm, .layerNorm:
      joinChannels(of: node)
      for parameter in node.parameters { join(TensorAxis(tensor: parameter, axis: 0), output) }
      if case .layerNorm = node.operation { fix(output, "a norm goes over all of it") }
    case .attention(let heads, _):
      joinChannels(of: node)
      unite(output, unit: (graph[node.output].shape.width ?? heads) / heads)
    case .expertLinear(let experts):
      product(node, inputs: 1)
      for parameter in node.parameters { repeats[TensorAxis(tensor: parameter, axis: 0)] = experts }
      fix(channels(node.inputs[1]), "it chooses among experts")
    case .expertGate: join(input, output)
    case .l2Normalize:
      join(input, output)
      fix(output, "its length is what counts")
    }
  }

  private mutating func couple(_ node: Node, _ convolution: Convolution) {
    let (inputs, outputs) = (graph[node.inputs[0]].shape.width ?? 1, graph[node.output].shape.width ?? 1)
    if convolution.isDepthwise(inputChannels: inputs, outputChannels: outputs) {
      joinChannels(of: node)
      for parameter in node.parameters { join(TensorAxis(tensor: parameter, axis: 0), channels(node.output)) }
    } else if convolution.groups == 1 {
      product(node, inputs: 3)
    } else {
      fix(channels(node.inputs[0]), "a convolution cuts it into groups")
      fix(channels(node.output), "a convolution cuts it into groups")
    }
  }

  /// Outputs are the outermost axis of all parameters, inputs that axis of the first.
  private mutating func product(_ node: Node, inputs: Int) {
    for parameter in node.parameters { join(TensorAxis(tensor: parameter, axis: 0), channels(node.output)) }
    join(TensorAxis(tensor: node.parameters[0], axis: inputs), channels(node.inputs[0]))
  }

  private mutating func joinChannels(of node: Node) {
    for input in node.inputs { join(channels(input), channels(node.output)) }
  }

  private func channels(_ id: TensorID) -> TensorAxis { TensorAxis(tensor: id, axis: max(graph[id].shape.rank - 1, 0)) }
}

// Widths as sets that are joined.
extension CoupledWidths {
  private func root(_ axis: TensorAxis) -> TensorAxis {
    var axis = axis
    while let parent = parents[axis] { axis = parent }
    return axis
  }

  private mutating func join(_ a: TensorAxis, _ b: TensorAxis) {
    let (from, to) = (root(a), root(b))
    guard from != to else { return }
    parents[from] = to
    if let obstacle = obstacles[from] { fix(to, obstacle) }
    if let unit = units[from] { unite(to, unit: unit) }
  }

  private mutating func fix(_ axis: TensorAxis, _ obstacle: String) {
    if obstacles[root(axis)] == nil { obstacles[root(axis)] = obstacle }
  }

  private mutating func unite(_ axis: TensorAxis, unit: Int) {
    if units[root(axis), default: unit] != unit { fix(axis, "heads of several widths share it") }
    units[root(axis)] = unit
  }

  /// In the order in which parameters come.
  private mutating func collect() {
    var places: [TensorAxis: Int] = [:]
    for id in graph.parameters {
      for axis in graph[id].shape.dimensions.indices.map({ TensorAxis(tensor: id, axis: $0) }) where parents[axis] != nil {
        let root = root(axis)
        let place = places[root] ?? all.count
        if place == all.count { all.append(CoupledWidth(unit: units[root] ?? 1, obstacle: obstacles[root])) }
        places[root] = place
        all[place].axes.append(axis)
      }
    }
  }
}
