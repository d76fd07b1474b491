package import ModelGraph

/// Computes a float graph in float32, one example at a time. The truth that quantisation is measured against.
package struct FloatInterpreter: Sendable {
  private let program: Program
  private let parameters: ParameterMemory

  package var graph: Graph { program.graph }

  /// The graph is a float graph; `parameters` holds every parameter's elements.
  package init(graph: Graph, parameters: [TensorID: [Float]]) throws(InterpreterError) {
    program = try Program(graph)
    self.parameters = program.parameters()
    try self.parameters.load(parameters, of: graph)
  }

  /// The graph's outputs for one example. `observe` is given each node's place in the graph and its result, in order.
  package func run(_ example: Example, observe: (Int, Matrix) -> Void = { _, _ in }) throws(InterpreterError) -> [Matrix] {
    let tape = Tape(program, parameters: parameters, workers: try Workers(count: 1), isTraining: false)
    try tape.load([example])
    tape.forward(isTraining: false) { observe($0, $1.matrix) }
    return graph.outputs.compactMap { tape[$0]?.matrix }
  }

  /// The only output for one sequence of identifiers.
  package func run(tokens: [Int32], observe: (Int, Matrix) -> Void = { _, _ in }) throws(InterpreterError) -> Matrix {
    try run(Example(tokens: tokens), observe: observe)[0]
  }
}
