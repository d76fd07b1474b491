package import Autograd
package import ModelGraph

/// What the activations of a float model are like on examples.
package struct Calibration: Sendable {
  /// The least and the largest value seen, by activation; 0 counts as seen.
  package private(set) var extents: [TensorID: ClosedRange<Float>] = [:]
  /// XᵀX of all rows X that entered a matrix product, by activation.
  package private(set) var grams: [TensorID: Gram] = [:]
  /// Examples seen.
  package private(set) var examples = 0

  package init() {}

  /// Runs one example.
  package mutating func observe(_ example: Example, with interpreter: FloatInterpreter) throws(CompressionError) {
    let graph = interpreter.graph
    let products = Set(graph.nodes.filter { $0.operation.isProduct }.map { $0.inputs[0] })
    var seen: [(TensorID, Matrix)] = []
    do throws(InterpreterError) {
      _ = try interpreter.run(example) { seen.append((graph.nodes[$0].output, $1)) }
    } catch {
      throw .interpreter(error)
    }
    for (tensor, values) in example.values { try widen(tensor, values, graph) }
    for (tensor, matrix) in seen where matrix.rows > 0 {
      try widen(tensor, matrix.values, graph)
      if products.contains(tensor) { grams[tensor, default: Gram(width: matrix.columns)].add(matrix) }
    }
    examples += 1
  }

  /// Runs one text.
  package mutating func observe(_ tokens: [Int32], with interpreter: FloatInterpreter) throws(CompressionError) {
    try observe(Example(tokens: tokens), with: interpreter)
  }

  private mutating func widen(_ tensor: TensorID, _ values: [Float], _ graph: Graph) throws(CompressionError) {
    var (least, largest) = extents[tensor].map { ($0.lowerBound, $0.upperBound) } ?? (0, 0)
    for value in values {
      guard value.isFinite else { throw .notFinite(tensor: graph[tensor].name) }
      least = min(least, value)
      largest = max(largest, value)
    }
    extents[tensor] = least...largest
  }
}
