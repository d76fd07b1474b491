/// Rows that tensors have in common: how many there are depends on the request.
package struct StreamID: Hashable, Sendable {
  package let index: Int

  package init(index: Int) { self.index = index }
}

/// How many rows a stream has: as many as its shape says where the request brings what it is made of.
package struct Stream: Hashable, Sendable {
  enum Source: Hashable {
    /// All rows where the request brings one of the inputs, else none.
    case whole
    /// The rows of all these together, of which some may be missing.
    case joined([StreamID])
  }

  let source: Source
  /// Rows whatever the sequence.
  let fixed: Int
  /// Whether there is one more for each token.
  let grows: Bool
  /// The graph's inputs that it depends on, a bit each.
  package let inputs: UInt64

  /// The most rows in requests of that many tokens.
  func rows(sequence: Int) -> Int { grows ? fixed + sequence : fixed }
}

/// The streams of a graph, each after those that it depends on. Two that have the same number of rows in every request are one.
package struct Streams: Sendable {
  package private(set) var all: [Stream] = []
  private var places: [Stream: StreamID] = [:]
  private var streamOf: [TensorID: StreamID] = [:]

  package init(_ graph: Graph) {
    for (index, id) in graph.inputs.enumerated() {
      let shape = graph[id].dataType == .int32 ? Shape(graph[id].shape.dimensions + [.fixed(1)]) : graph[id].shape
      streamOf[id] = add(.whole, inputs: 1 << UInt64(index), shape)
    }
    for node in graph.nodes { streamOf[node.output] = add(node, graph[node.output].shape) }
  }

  /// The rows of a tensor that is no parameter.
  package subscript(_ tensor: TensorID) -> StreamID {
    guard let stream = streamOf[tensor] else { preconditionFailure("tensor \(tensor.index) is a parameter") }
    return stream
  }

  package subscript(_ stream: StreamID) -> Stream { all[stream.index] }

  /// The rows of what a node puts out.
  private mutating func add(_ node: Node, _ shape: Shape) -> StreamID {
    let first = self[node.inputs[0]]
    switch node.operation {
    case .concatenate:
      let joined = node.inputs.map { self[$0] }
      return add(.joined(joined), inputs: joined.reduce(0) { $0 | self[$1].inputs }, shape)
    case .positions(let prefix) where prefix > 0: return add(.whole, inputs: self[first].inputs, shape)
    case .convolution, .pool, .maxPool: return add(.whole, inputs: self[first].inputs, shape)
    default: return first
    }
  }

  private mutating func add(_ source: Stream.Source, inputs: UInt64, _ shape: Shape) -> StreamID {
    let one = shape.rowCount(sequence: 1) ?? 0
    let two = shape.rowCount(sequence: 2) ?? 0
    let stream = Stream(source: source, fixed: two > one ? one - 1 : one, grows: two > one, inputs: inputs)
    if let known = places[stream] { return known }
    all.append(stream)
    places[stream] = StreamID(index: all.count - 1)
    return StreamID(index: all.count - 1)
  }

  /// The rows of every stream for a request that brings those inputs.
  package func count(sequence: Int, present: UInt64, into counts: UnsafeMutablePointer<Int>) {
    for index in all.indices { counts[index] = rows(StreamID(index: index), sequence: sequence, present: present) }
  }

  /// The rows of a stream for a request that brings those inputs.
  package func rows(_ stream: StreamID, sequence: Int, present: UInt64) -> Int {
    switch self[stream].source {
    case .whole: present & self[stream].inputs == 0 ? 0 : self[stream].rows(sequence: sequence)
    case .joined(let others): others.reduce(0) { $0 + rows($1, sequence: sequence, present: present) }
    }
  }

  /// The most rows that a stream has in requests of that many tokens.
  package func most(_ stream: StreamID, sequence: Int) -> Int { self[stream].rows(sequence: sequence) }

  /// The streams of one source each that a stream is joined from; of one that is not, itself.
  package func parts(of stream: StreamID) -> [StreamID] {
    switch self[stream].source {
    case .whole: [stream]
    case .joined(let others): others.flatMap { parts(of: $0) }
    }
  }
}
