package import ModelGraph

/// How much of the features of a split point may stay behind: tensors whose first columns were trained to be enough without the others
/// (nested dropout: Rippel et al. 2014).
package struct RatePoints: Sendable, Equatable {
  /// Boundaries' outputs, by name.
  package var tensors: [String]
  /// The shares of their columns that may be sent, ascending, between 0 and 1; all columns always may.
  package var shares: [Float]

  package init(tensors: [String], shares: [Float]) {
    self.tensors = tensors
    self.shares = shares
  }

  /// How many columns are sent of each tensor at such a share: at least one.
  package func columns(_ share: Float, of graph: Graph) -> [TensorID: Int] {
    var columns: [TensorID: Int] = [:]
    for node in graph.nodes where tensors.contains(graph[node.output].name) {
      columns[node.output] = Self.columns(share, of: graph[node.output].shape.width ?? 1)
    }
    return columns
  }

  package static func columns(_ share: Float, of width: Int) -> Int { max(1, Int((share * Float(width)).rounded())) }
}

enum RatePointKeys {
  static let prefix = "tributary.rate."
  static let tensors = "tributary.rate.tensors"
  static let shares = "tributary.rate.shares"

  static let all = [tensors, shares]
}

extension RatePoints {
  /// Nil where the header has none of the keys.
  init?(_ header: GGUFHeader, _ bytes: Span<UInt8>, _ graph: Graph) throws(BundleError) {
    guard header.hasKeys(startingWith: RatePointKeys.prefix) else { return nil }
    self.init(tensors: try header.strings(RatePointKeys.tensors, bytes), shares: try header.floats(RatePointKeys.shares, bytes))
    if let key = unfitKey(graph) { throw header.badValue(key) }
  }

  func add(to encoder: inout GGUFEncoder) {
    encoder.add(RatePointKeys.tensors, tensors)
    encoder.add(RatePointKeys.shares, shares)
  }

  /// The key whose value is out of range or does not fit the graph.
  func unfitKey(_ graph: Graph) -> String? {
    let boundaries = graph.nodes.filter { $0.operation == .boundary }.map { graph[$0.output].name }
    guard !tensors.isEmpty, tensors.allSatisfy(boundaries.contains) else { return RatePointKeys.tensors }
    let isAscending = zip(shares, shares.dropFirst()).allSatisfy { $0 < $1 }
    guard !shares.isEmpty, shares.allSatisfy({ $0 > 0 && $0 < 1 }), isAscending else { return RatePointKeys.shares }
    return nil
  }
}
