package import ModelGraph

/// Makes a model narrower: of each coupled width of its graph the units stay that matter most, heads as a whole, and the parameters that
/// come out are smaller, not masked. (Molchanov et al. 2019; Fang et al. 2023)
package struct Pruning {
  private let graph: Graph
  private let parameters: [TensorID: [Float]]
  private let sensitivities: [TensorID: [Float]]
  private let widths: CoupledWidths

  /// `sensitivities` are |weight · gradient| of each parameter's elements, summed over batches: how much the loss changes, to first order,
  /// without the element. Without them magnitude alone counts.
  package init(graph: Graph, parameters: [TensorID: [Float]], sensitivities: [TensorID: [Float]] = [:]) {
    self.graph = graph
    self.parameters = parameters
    self.sensitivities = sensitivities
    widths = CoupledWidths(graph)
  }

  /// The parameters of `target`, which has the same nodes over tensors of the same names, some of whose widths are smaller.
  package func parameters(for target: Graph) throws(PruningError) -> [TensorID: [Float]] {
    let twins = try twins(in: target)
    var kept: [TensorAxis: [Int]] = [:]
    for width in widths.all {
      guard let units = try units(of: width, twins, target) else { continue }
      for axis in width.axes {
        let size = size(axis, of: graph) / (widths.repeats[axis] ?? 1)
        let channels = units.flatMap { $0 * width.unit..<($0 + 1) * width.unit }
        kept[axis] = (0..<(widths.repeats[axis] ?? 1)).flatMap { copy in channels.map { copy * size + $0 } }
      }
    }
    var result: [TensorID: [Float]] = [:]
    for id in graph.parameters {
      guard let twin = twins[id], let values = parameters[id] else { throw .missingParameter(graph[id].name) }
      let narrower = Elements(values: values, sizes: sizes(id, of: graph)).keeping { kept[TensorAxis(tensor: id, axis: $0)] }
      guard narrower.sizes == sizes(twin, of: target) else { throw .uneven(parameter: graph[id].name) }
      result[twin] = narrower.values
    }
    return result
  }

  /// The tensors of the other graph that stand for those of this one.
  private func twins(in target: Graph) throws(PruningError) -> [TensorID: TensorID] {
    for place in 0..<max(graph.nodes.count, target.nodes.count) {
      guard place < graph.nodes.count, place < target.nodes.count else { throw .otherModel(node: nil) }
      let (own, other) = (graph.nodes[place], target.nodes[place])
      guard own.name == other.name, graph.computes(own, like: other, of: target) else { throw .otherModel(node: own.name) }
    }
    let named = Dictionary(uniqueKeysWithValues: target.parameters.map { (target[$0].name, $0) })
    return Dictionary(uniqueKeysWithValues: graph.parameters.compactMap { id in named[graph[id].name].map { (id, $0) } })
  }

  /// The units that stay, in their order; nil where all do.
  private func units(of width: CoupledWidth, _ twins: [TensorID: TensorID], _ target: Graph) throws(PruningError) -> [Int]? {
    guard let axis = width.axes.first, let twin = twins[axis.tensor] else { return nil }
    let copies = widths.repeats[axis] ?? 1
    let before = size(axis, of: graph) / copies
    let after = size(TensorAxis(tensor: twin, axis: axis.axis), of: target) / copies
    guard before != after else { return nil }
    let name = graph[axis.tensor].name
    if let obstacle = width.obstacle { throw .fixed(parameter: name, obstacle: obstacle) }
    guard after < before, after % width.unit == 0 else { throw .size(parameter: name, before: before, after: after, unit: width.unit) }
    let importance = importance(of: width, units: before / width.unit)
    let order = importance.indices.sorted { (importance[$1], $0) < (importance[$0], $1) }
    return order.prefix(after / width.unit).sorted()
  }

  /// Of each unit its share of sensitivity and of magnitude, where all units have 1 in the mean.
  private func importance(of width: CoupledWidth, units: Int) -> [Float] {
    func shares(_ values: [TensorID: [Float]]) -> [Float] {
      var sums = [Float](repeating: 0, count: units)
      for axis in width.axes {
        guard let own = values[axis.tensor] else { continue }
        let sizes = sizes(axis.tensor, of: graph)
        let inner = sizes[(axis.axis + 1)...].reduce(1, *)
        let channels = sizes[axis.axis] / (widths.repeats[axis] ?? 1)
        for (place, value) in own.enumerated() { sums[place / inner % channels / width.unit] += abs(value) }
      }
      let mean = sums.reduce(0, +) / Float(units)
      return mean > 0 ? sums.map { $0 / mean } : sums
    }
    return zip(shares(sensitivities), shares(parameters)).map { $0 + $1 }
  }

  private func size(_ axis: TensorAxis, of graph: Graph) -> Int { sizes(axis.tensor, of: graph)[axis.axis] }

  private func sizes(_ id: TensorID, of graph: Graph) -> [Int] { graph[id].shape.dimensions.map { $0.size(batch: 1, sequence: 1) } }
}

extension Graph {
  /// Whether a node computes the same as one of a narrower graph, but for its widths.
  fileprivate func computes(_ node: Node, like other: Node, of target: Graph) -> Bool {
    switch (node.operation, other.operation) {
    case (.attention(let heads, let causal), .attention(let fewer, let otherCausal)):
      let (width, narrower) = (self[node.output].shape.width ?? 0, target[other.output].shape.width ?? 0)
      return causal == otherCausal && width * fewer == narrower * heads
    case (.convolution(let own), .convolution(let narrower)): return own.window == narrower.window
    default: return node.operation == other.operation
    }
  }
}

/// The elements of a parameter, row-major.
private struct Elements {
  var values: [Float]
  var sizes: [Int]

  /// Those at some places of each axis; nil for all.
  func keeping(_ places: (_ axis: Int) -> [Int]?) -> Elements {
    var result = self
    for axis in sizes.indices {
      guard let places = places(axis) else { continue }
      let inner = result.sizes[(axis + 1)...].reduce(1, *)
      let outer = result.sizes[..<axis].reduce(1, *)
      let values = result.values
      let length = result.sizes[axis]
      result.values = []
      for block in 0..<outer {
        for place in places {
          let start = (block * length + place) * inner
          result.values += values[start..<start + inner]
        }
      }
      result.sizes[axis] = places.count
    }
    return result
  }
}
