import BundleFormat
import Inference
import ModelGraph
import TestSupport

/// A request by chance for a model of any graph: some of its inputs, and what they hold.
struct RandomRequest {
  let sequence: Int
  private let tokens: [Int: [Int32]]
  private let codes: [Int: [UInt8]]
  private let values: [Int: [Float]]

  init(_ graph: Graph, using generator: inout SeededGenerator) {
    sequence = Int.random(in: 1...graph.limits.sequence, using: &generator)
    var (tokens, codes, values): ([Int: [Int32]], [Int: [UInt8]], [Int: [Float]]) = ([:], [:], [:])
    for (index, id) in graph.inputs.enumerated() where Int.random(in: 0..<4, using: &generator) > 0 {
      let count = graph[id].shape.elementCount(batch: 1, sequence: sequence) ?? 0
      switch graph[id].dataType {
      case .int32: tokens[index] = (0..<count).map { _ in Int32.random(in: 0..<5, using: &generator) }
      case .uint8: codes[index] = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      default: values[index] = (0..<count).map { _ in generator.normal() }
      }
    }
    (self.tokens, self.codes, self.values) = (tokens, codes, values)
  }

  /// The inputs that it brings, a bit each.
  var present: UInt64 { [Array(tokens.keys), Array(codes.keys), Array(values.keys)].joined().reduce(0) { $0 | 1 << UInt64($1) } }

  /// Starts the request on a session and brings all of it.
  func bring(to session: Session) throws(InferenceError) {
    try session.begin(sequence: sequence)
    for input in session.model.graph.inputs.indices { try load(input, into: session) }
  }

  /// The bits of all outputs, after a second run on the same inputs.
  func compute(on session: Session) throws(InferenceError) -> [[UInt32]] {
    try bring(to: session)
    for _ in 0..<2 { try session.run() }
    return try Self.outputs(of: session)
  }

  /// The same where the inputs come one by one, the last one first, each to what the others have left.
  func computeJoining(on session: Session) throws(InferenceError) -> [[UInt32]] {
    try session.begin(sequence: sequence)
    for input in session.model.graph.inputs.indices.reversed() {
      try load(input, into: session)
      try session.complete(.main)
    }
    return try Self.outputs(of: session)
  }

  private func load(_ input: Int, into session: Session) throws(InferenceError) {
    if let tokens = tokens[input] { try session.load(tokens: tokens.span, input: input) }
    if let codes = codes[input] { try session.load(codes: codes.span, input: input) }
    if let values = values[input] { try session.load(values: values.span, input: input) }
  }

  private static func outputs(of session: Session) throws(InferenceError) -> [[UInt32]] {
    var outputs: [[UInt32]] = []
    let graph = session.model.graph
    for (index, id) in graph.outputs.enumerated() {
      var values = [Float](repeating: 0, count: session.rowCount(output: index) * (graph[id].shape.width ?? 0))
      var span = values.mutableSpan
      try session.read(output: index, into: &span)
      outputs.append(values.map(\.bitPattern))
    }
    return outputs
  }
}

extension Graph {
  /// Whether its bytes and multiply–accumulates are few enough to try the graph.
  var isSmall: Bool {
    var size = multiplyAccumulates(sequence: limits.sequence)
    for tensor in tensors { size += tensor.shape.elementCount(batch: 1, sequence: limits.sequence) ?? 0 }
    return size <= 1 << 22
  }
}
