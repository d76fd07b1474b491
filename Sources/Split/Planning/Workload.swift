package import ModelGraph

/// What a request asks of a model's main path, segment by segment, and what would cross at each split point.
package struct Workload: Sendable, Equatable {
  /// One segment's part.
  package struct SegmentWork: Sendable, Equatable {
    package let multiplyAccumulates: Double
    /// The share, 0...1, of what a request with all modalities would take.
    package let share: Double

    package init(multiplyAccumulates: Double, share: Double) {
      self.multiplyAccumulates = multiplyAccumulates
      self.share = share
    }
  }

  /// What crosses at a split point.
  package struct Crossing: Sendable, Equatable {
    /// The segments that the device runs: the first so many.
    package let segments: Int
    /// Before compression.
    package let featureBytes: Int

    package init(segments: Int, featureBytes: Int) {
      self.segments = segments
      self.featureBytes = featureBytes
    }
  }

  /// Tokens; 1 where there is no text.
  package let sequence: Int
  /// The graph's inputs that the request brings, a bit each.
  package let present: UInt64
  /// In the order of `Graph.segments`.
  package let segments: [SegmentWork]
  /// In the order of `Graph.splitPoints`.
  package let crossings: [Crossing]
  package let resultBytes: Int
  /// The size of what the caller brought, before it was decoded; nil where that is not to be sent.
  package let rawBytes: Int?

  package init(
    sequence: Int, present: UInt64, segments: [SegmentWork], crossings: [Crossing], resultBytes: Int, rawBytes: Int? = nil
  ) {
    self.sequence = sequence
    self.present = present
    self.segments = segments
    self.crossings = crossings
    self.resultBytes = resultBytes
    self.rawBytes = rawBytes
  }

  /// A request of `sequence` tokens that brings those inputs.
  package init(_ graph: Graph, sequence: Int, present: UInt64 = .max, rawBytes: Int? = nil) {
    let streams = Streams(graph)
    let rows = { (id: TensorID) in streams.rows(streams[id], sequence: sequence, present: present) }
    let share = { (id: TensorID) in Double(rows(id)) / Double(max(1, streams.most(streams[id], sequence: sequence))) }
    self.sequence = sequence
    self.present = present
    self.rawBytes = rawBytes
    segments = graph.segments.map { segment in
      guard segment.role == .main else { return SegmentWork(multiplyAccumulates: 0, share: 0) }
      var (whole, part, steps) = (0.0, 0.0, 0)
      for index in segment.nodes {
        let work = Double(graph.multiplyAccumulates(of: index..<index + 1, sequence: sequence))
        whole += work
        part += work * graph.share(of: graph.nodes[index], share)
        if rows(graph.nodes[index].output) > 0 { steps += 1 }
      }
      return SegmentWork(
        multiplyAccumulates: part, share: whole > 0 ? part / whole : Double(steps) / Double(max(1, segment.nodes.count)))
    }
    crossings = graph.splitPoints.map { point in
      let bytes = point.tensors.reduce(0) { $0 + rows($1) * ((graph[$1].shape.width ?? 0) + 3) }
      return Crossing(segments: point.segment + 1, featureBytes: bytes)
    }
    resultBytes = graph.outputs(of: .main).reduce(0) { $0 + rows($1) * (graph[$1].shape.width ?? 0) * 4 }
  }

  /// Multiply–accumulates of those segments.
  package func multiplyAccumulates(of range: Range<Int>) -> Double { segments[range].reduce(0) { $0 + $1.multiplyAccumulates } }
}

extension Graph {
  /// The share of a node's work that is left with some of its rows.
  fileprivate func share(of node: Node, _ share: (TensorID) -> Double) -> Double {
    if case .attention = node.operation { return share(node.output) * share(node.inputs[1]) }
    return share(node.output)
  }
}
