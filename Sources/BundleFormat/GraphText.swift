package import ModelGraph

/// A graph as readable lines, one a tensor, node and segment. Floats stand beside them in arrays of their own: they keep their bits.
///
///     encoder.0.query int16 [batch,sequence,384] limit=2047
///     encoder.0.attention attention heads=12 in=encoder.0.query,encoder.0.key,encoder.0.value out=encoder.0.attention
///     encoder.0 nodes=12 bytes=1835008 sha256=…
///     local nodes=9 bytes=262144 sha256=… role=local
package enum GraphText {
  package static let tensors = "tributary.graph.tensors"
  /// The scale of each tensor; 0 where it has none.
  package static let scales = "tributary.graph.scales"
  package static let nodes = "tributary.graph.nodes"
  /// The epsilon of each node; 0 where it has none.
  package static let epsilons = "tributary.graph.epsilons"
  package static let segments = "tributary.graph.segments"
  package static let inputs = "tributary.graph.inputs"
  package static let outputs = "tributary.graph.outputs"
  package static let splitPoints = "tributary.graph.split_points"
  package static let batch = "tributary.limits.batch"
  package static let sequence = "tributary.limits.sequence"

  package static func line(_ tensor: Tensor) -> String {
    let line = "\(tensor.name) \(tensor.dataType.rawValue) \(tensor.shape.description)"
    return switch tensor.quantization {
    case .tensor(_, let limit): line + " limit=\(limit)"
    case .codes(_, let zero): line + " zero=\(zero)"
    case .none, .rows: line
    }
  }

  package static func scale(_ tensor: Tensor) -> Float {
    switch tensor.quantization {
    case .tensor(let scale, _), .codes(let scale, _): scale
    case .none, .rows: 0
    }
  }

  package static func line(_ node: Node, in graph: Graph) -> String {
    var line = "\(node.name) \(node.operation.name)" + attributes(of: node.operation)
    line += " in=" + list(node.inputs, in: graph)
    if !node.parameters.isEmpty { line += " with=" + list(node.parameters, in: graph) }
    return line + " out=" + graph[node.output].name
  }

  package static func epsilon(_ node: Node) -> Float {
    switch node.operation {
    case .layerNorm(let epsilon), .channelNorm(let epsilon): epsilon
    default: 0
    }
  }

  /// What stands behind an operation's name, each attribute with a space before it.
  private static func attributes(of operation: Operation) -> String {
    switch operation {
    case .attention(let heads, let causal): " heads=\(heads)" + (causal ? " causal=1" : "")
    case .positions(let prefix): " prefix=\(prefix)"
    case .expertLinear(let experts): " experts=\(experts)"
    case .convolution(let convolution): attributes(of: convolution.window) + " groups=\(convolution.groups)"
    case .maxPool(let window): attributes(of: window)
    default: ""
    }
  }

  private static func attributes(of window: Window) -> String {
    let padding = window.padding
    return " size=\(window.size.height),\(window.size.width) stride=\(window.stride.height),\(window.stride.width)"
      + " padding=\(padding.top),\(padding.bottom),\(padding.left),\(padding.right)"
  }

  package static func line(_ segment: Segment, size: Int, digest: Digest) -> String {
    "\(segment.name) nodes=\(segment.nodes.count) bytes=\(size) sha256=\(digest.hexadecimal)"
      + (segment.role == .main ? "" : " role=\(segment.role.rawValue)")
  }

  private static func list(_ ids: [TensorID], in graph: Graph) -> String {
    var text = ""
    for (place, id) in ids.enumerated() { text += (place == 0 ? "" : ",") + graph[id].name }
    return text
  }
}
