/// One step of a graph.
package struct Node: Hashable, Sendable {
  package let name: String
  package let operation: Operation
  /// Activations that are read, in the operation's order.
  package let inputs: [TensorID]
  /// Parameters, in the operation's order.
  package let parameters: [TensorID]
  package let output: TensorID

  package init(name: String, operation: Operation, inputs: [TensorID], parameters: [TensorID] = [], output: TensorID) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.parameters = parameters
    self.output = output
  }
}

/// A named run of nodes that is executed, hashed and placed as a whole.
package struct Segment: Hashable, Sendable {
  /// The path that a segment belongs to.
  package enum Role: String, Hashable, Sendable {
    /// From the inputs to the answers.
    case main
    /// A small fusion with answers of its own, for when those of the main path cannot be had in time or are not needed. It starts from
    /// what crosses split points.
    case local
  }

  package let name: String
  package let nodes: Range<Int>
  package let role: Role

  package init(name: String, nodes: Range<Int>, role: Role = .main) {
    self.name = name
    self.nodes = nodes
    self.role = role
  }
}

/// A place at which execution can pass from the device to the peer: between two segments of the main path, where all that crosses are
/// outputs of a `boundary`.
package struct SplitPoint: Hashable, Sendable {
  /// The name of the last segment that the device runs.
  package let name: String
  /// The place of that segment in `Graph.segments`.
  package let segment: Int
  /// The boundaries' outputs that later segments read, in the order in which they are written.
  package let tensors: [TensorID]
}

/// The largest request that a graph takes.
package struct Limits: Hashable, Sendable {
  package let batch: Int
  package let sequence: Int

  package init(batch: Int, sequence: Int) {
    self.batch = batch
    self.sequence = sequence
  }
}

/// A model: what is computed, in order. The only description of it: the float interpreter, the quantiser, the bundle and the runtime read
/// this one. A value that exists has passed the verifier.
package struct Graph: Hashable, Sendable {
  package let tensors: [Tensor]
  package let nodes: [Node]
  package let segments: [Segment]
  package let inputs: [TensorID]
  package let outputs: [TensorID]
  package let limits: Limits
  /// In the order of the segments. Derived.
  package let splitPoints: [SplitPoint]

  /// Verifies the parts: names, shapes, types, order of execution, segments and split points.
  package init(
    tensors: [Tensor], nodes: [Node], segments: [Segment], inputs: [TensorID], outputs: [TensorID], limits: Limits
  ) throws(GraphError) {
    let verifier = GraphVerifier(
      tensors: tensors, nodes: nodes, segments: segments, inputs: inputs, outputs: outputs, limits: limits)
    self.splitPoints = try verifier.verify()
    self.tensors = tensors
    self.nodes = nodes
    self.segments = segments
    self.inputs = inputs
    self.outputs = outputs
    self.limits = limits
  }

  package subscript(id: TensorID) -> Tensor { tensors[id.index] }

  /// The split point of that name.
  package func splitPoint(named name: String) -> SplitPoint? { splitPoints.first { $0.name == name } }

  /// The nodes of a path: local ones stand behind all others.
  package func nodes(of role: Segment.Role) -> Range<Int> {
    let end = segments.first { $0.role == .local }?.nodes.lowerBound ?? nodes.count
    return role == .main ? 0..<end : end..<nodes.count
  }

  /// The nodes of the main path before this one write all that the local path reads; 0 where there is none.
  package var fork: Int {
    let read = Set(nodes[nodes(of: .local)].flatMap { $0.inputs })
    return nodes[nodes(of: .main)].lastIndex { read.contains($0.output) }.map { $0 + 1 } ?? 0
  }

  /// The outputs that a path writes, in their order; of the main path at least one.
  package func outputs(of role: Segment.Role) -> [TensorID] {
    let written = Set(nodes[nodes(of: role)].map { $0.output })
    return outputs.filter { written.contains($0) }
  }

  /// The parameters, each once, in the order in which the nodes first use them.
  package var parameters: [TensorID] { parameters(of: nodes.indices) }

  /// The parameters that those nodes use, each once, in order of first use.
  package func parameters(of range: Range<Int>) -> [TensorID] {
    var seen: Set<TensorID> = []
    return nodes[range].flatMap { $0.parameters }.filter { seen.insert($0).inserted }
  }
}

extension Graph {
  /// Bytes of the features that cross a split point for a request with all modalities and that many tokens: each row of width h is
  /// h codes, a 16-bit range and a zero point of 8 bits.
  package func featureByteCount(at point: SplitPoint, sequence: Int) -> Int {
    point.tensors.reduce(0) { bytes, id in
      bytes + (self[id].shape.rowCount(sequence: sequence) ?? 0) * ((self[id].shape.width ?? 0) + 3)
    }
  }
}

extension Shape {
  /// The rows of one item: the product of all dimensions but the batch and the innermost; nil where that is above `maximumElements`.
  package func rowCount(sequence: Int) -> Int? { Shape(Array(dimensions.dropLast())).elementCount(batch: 1, sequence: sequence) }
}
