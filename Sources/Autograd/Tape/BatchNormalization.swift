package import ModelGraph

/// Batch norms while convolutions are trained. A graph holds a convolution with its batch norm folded in; to train it, the norm stands
/// behind the convolution again: the convolution's weight is trained as it is, its bias is the norm's shift, and gain, running mean and
/// running variance are parameters beside those of the graph. `fold` makes the graph's own parameters of them. So the graph stays the only
/// description, and what the runtime sees never changes. (Ioffe, Szegedy 2015)
package struct BatchNormalization: Sendable {
  package struct Norm: Hashable, Sendable {
    package var epsilon: Float
    /// The part of a batch in the running averages.
    package var momentum: Float

    package init(epsilon: Float = 1e-5, momentum: Float = 0.1) {
      self.epsilon = epsilon
      self.momentum = momentum
    }
  }

  /// Places in `ParameterLayout.entries` of what a norm adds.
  struct Places {
    let gain: Int
    let mean: Int
    let variance: Int
  }

  /// The norm of all these convolutions, by the names of their nodes. Each must have a bias.
  package let nodes: Set<String>
  package let norm: Norm

  package init(nodes: Set<String> = [], norm: Norm = Norm()) {
    self.nodes = nodes
    self.norm = norm
  }

  /// Behind every convolution over images that has a bias, as in MobileNet and ResNet.
  package static func everywhere(in graph: Graph, norm: Norm = Norm()) -> BatchNormalization {
    let nodes = graph.nodes.filter { node in
      guard case .convolution = node.operation else { return false }
      return node.parameters.count == 2 && graph[node.output].shape.rank == 4
    }
    return BatchNormalization(nodes: Set(nodes.map(\.name)), norm: norm)
  }

  func applies(to node: Node) -> Bool { nodes.contains(node.name) && node.parameters.count == 2 }

  /// The names of what a norm adds, from that of the convolution's weight.
  static func names(_ weight: String) -> (gain: String, mean: String, variance: String) {
    ("\(weight).norm.gain", "\(weight).norm.running_mean", "\(weight).norm.running_var")
  }

  /// Adds the norm's parameters of one convolution.
  func add(_ node: Node, of graph: Graph, to layout: inout ParameterLayout) -> Places {
    let weight = graph[node.parameters[0]]
    let names = Self.names(weight.name)
    let isTrained = layout[node.parameters[1]].map { layout.entries[$0].isTrained } ?? false
    let channels = [graph[node.output].shape.width ?? 1]
    return Places(
      gain: layout.add(names.gain, channels, isTrained: isTrained), mean: layout.add(names.mean, channels, isTrained: false),
      variance: layout.add(names.variance, channels, isTrained: false))
  }
}

extension BatchNormalization {
  /// The graph's parameters, with every norm folded into its convolution by its running averages.
  package func fold(_ parameters: ParameterMemory, of graph: Graph) -> [TensorID: [Float]] {
    var values = parameters.values(of: graph)
    let places = Dictionary(uniqueKeysWithValues: parameters.layout.entries.enumerated().map { ($0.element.name, $0.offset) })
    for node in graph.nodes where applies(to: node) {
      let names = Self.names(graph[node.parameters[0]].name)
      guard let gain = places[names.gain], let mean = places[names.mean], let variance = places[names.variance],
        let weight = values[node.parameters[0]], let bias = values[node.parameters[1]]
      else { continue }
      let factors = zip(parameters[gain], parameters[variance]).map { Double($0) / (Double($1) + Double(norm.epsilon)).squareRoot() }
      let length = weight.count / factors.count
      values[node.parameters[0]] = weight.enumerated().map { Float(Double($0.element) * factors[$0.offset / length]) }
      values[node.parameters[1]] = bias.enumerated().map {
        Float(Double($0.element) - Double(parameters[mean][$0.offset]) * factors[$0.offset])
      }
    }
    return values
  }
}
