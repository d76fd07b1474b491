package import ModelGraph

/// What a request brings: tokens, and the values of other inputs, row-major. What it leaves out has no rows.
package struct Example: Sendable {
  package var tokens: [Int32]?
  package var values: [TensorID: [Float]]
  /// Of values that cross a split point, the request's tokens: rows of several modalities may then be without those of absent ones.
  package var crossingTokens: Int?

  package init(tokens: [Int32]? = nil, values: [TensorID: [Float]] = [:], crossingTokens: Int? = nil) {
    self.tokens = tokens
    self.values = values
    self.crossingTokens = crossingTokens
  }
}

/// Examples, checked against a graph.
struct Batch {
  let examples: [Example]
  /// Of the graph's inputs.
  let layouts: [RowLayout]
  /// Of all examples.
  let tokens: [Int32]

  init(_ examples: [Example], of graph: Graph, parameters: ParameterLayout) throws(InterpreterError) {
    var counts = graph.inputs.map { _ in [Int]() }
    for example in examples {
      let rows = try example.rows(in: graph)
      for index in counts.indices { counts[index].append(rows[index]) }
    }
    self.examples = examples
    layouts = counts.map { RowLayout($0) }
    tokens = examples.flatMap { $0.tokens ?? [] }
    for node in graph.nodes where node.operation == .embedding {
      let vocabulary = parameters[node.parameters[0]].map { parameters.entries[$0].sizes[0] } ?? 0
      for token in tokens where !(0..<vocabulary).contains(Int(token)) { throw .badToken(token, vocabulary: vocabulary) }
    }
  }

  /// Copies an input's values of all examples.
  func copy(_ input: TensorID, to rows: Rows) {
    var place = rows.start
    for example in examples {
      guard let values = example.values[input] else { continue }
      values.withUnsafeBufferPointer { source in
        if let start = source.baseAddress { place.update(from: start, count: source.count) }
      }
      place += values.count
    }
  }
}

extension Example {
  /// How many rows it brings for each of the graph's inputs.
  fileprivate func rows(in graph: Graph) throws(InterpreterError) -> [Int] {
    let sequence = sequence(in: graph)
    guard (1...graph.limits.sequence).contains(sequence) else {
      throw .badSequence(count: sequence, limit: graph.limits.sequence)
    }
    var counts: [Int] = []
    for id in graph.inputs {
      guard graph[id].dataType != .int32 else {
        counts.append(tokens?.count ?? 0)
        continue
      }
      let rows = graph[id].shape.rowCount(sequence: sequence) ?? 0
      let width = graph[id].shape.width ?? 0
      let expected = rows * width
      let found = values[id]?.count ?? 0
      let isPart = crossingTokens != nil && found < expected && found.isMultiple(of: max(width, 1))
      guard found == 0 || found == expected || isPart else { throw .badInput(tensor: graph[id].name, expected: expected, found: found) }
      counts.append(found == expected ? rows : found / max(width, 1))
    }
    return counts
  }

  /// The number of tokens, else of rows of a stream that is as long as a text; 1 where nothing tells.
  private func sequence(in graph: Graph) -> Int {
    if let tokens { return tokens.count }
    if let crossingTokens { return crossingTokens }
    let lengths = graph.inputs.filter { graph[$0].shape.positions == .sequence }.compactMap { id in
      values[id].map { $0.count / max(graph[id].shape.width ?? 1, 1) }
    }
    return lengths.first { $0 > 0 } ?? 1
  }
}
