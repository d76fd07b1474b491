import Autograd
import ModelGraph
import Testing

/// Two rows of width 2 in the table, then their mean.
private func graph(sequence: Int = 3) throws -> (Graph, [TensorID: [Float]]) {
  var builder = GraphBuilder()
  let tokens = builder.input("tokens", shape: Shape([.batch, .sequence]), dataType: .int32)
  let table = builder.parameter("table", 2, 2)
  let positions = builder.parameter("positions", sequence, 2)
  let rows = builder.node("rows", .embedding, tokens, parameters: [table, positions], shape: Shape([.batch, .sequence, .fixed(2)]))
  let mean = builder.node("mean", .pool(.mean), rows, shape: Shape([.batch, .fixed(2)]))
  builder.endSegment("all")
  let graph = try builder.build(outputs: [mean], limits: Limits(batch: 1, sequence: sequence))
  return (graph, [table: [1, 2, 3, 4], positions: [10, 20, 30, 40, 50, 60]])
}

@Test func nodesAreObservedInOrder() throws {
  let (graph, parameters) = try graph()
  var seen: [(Int, Matrix)] = []
  let result = try FloatInterpreter(graph: graph, parameters: parameters).run(tokens: [1, 0]) { seen.append(($0, $1)) }
  #expect(seen.map(\.0) == [0, 1])
  #expect(seen.map(\.1) == [Matrix(rows: 2, columns: 2, values: [13, 24, 31, 42]), Matrix(rows: 1, columns: 2, values: [22, 33])])
  #expect(result == Matrix(rows: 1, columns: 2, values: [22, 33]))
}

@Test(arguments: [2, -1, Int32.max]) func tokensOutsideTheVocabularyAreRefused(token: Int32) throws {
  let (graph, parameters) = try graph()
  let interpreter = try FloatInterpreter(graph: graph, parameters: parameters)
  #expect(throws: InterpreterError.badToken(token, vocabulary: 2)) { try interpreter.run(tokens: [0, token]) }
}

@Test(arguments: [0, 4]) func sequencesOutsideTheLimitAreRefused(count: Int) throws {
  let (graph, parameters) = try graph()
  let interpreter = try FloatInterpreter(graph: graph, parameters: parameters)
  #expect(throws: InterpreterError.badSequence(count: count, limit: 3)) {
    try interpreter.run(tokens: Array(repeating: 0, count: count))
  }
}

@Test func parametersOfAnotherSizeAreRefused() throws {
  let (graph, parameters) = try graph()
  var short = parameters
  let table = try #require(graph.parameters.first)
  short[table] = [1, 2, 3]
  #expect(throws: InterpreterError.badParameter(tensor: "table", shape: Shape(2, 2), found: 3)) {
    try FloatInterpreter(graph: graph, parameters: short)
  }
  short[table] = nil
  #expect(throws: InterpreterError.badParameter(tensor: "table", shape: Shape(2, 2), found: nil)) {
    try FloatInterpreter(graph: graph, parameters: short)
  }
}

@Test func gramMatricesInvert() throws {
  var gram = Gram(width: 2)
  gram.add(Matrix(rows: 2, columns: 2, values: [2, 0, 0, 4]))
  // G = diag(4, 16): the inverse is diag(1/4, 1/16), its factor diag(1/2, 1/4).
  #expect(gram.inverseFactor(damping: 0).map { [$0[0], $0[1], $0[3]] } == [0.5, 0, 0.25])
  #expect(Gram(width: 3).inverseFactor(damping: 0.01) == nil)
}
