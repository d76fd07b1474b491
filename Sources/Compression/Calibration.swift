package import Autograd
package import ModelGraph

/// What the activations of a float model are like on example texts.
package struct Calibration: Sendable {
  /// The largest magnitude seen, by activation.
  package private(set) var largest: [TensorID: Float] = [:]
  /// XᵀX of all rows X that entered a matrix product, by activation.
  package private(set) var grams: [TensorID: Gram] = [:]
  /// Texts seen.
  package private(set) var texts = 0

  package init() {}

  /// Runs one text's tokens.
  package mutating func observe(_ tokens: [Int32], with interpreter: FloatInterpreter) throws(CompressionError) {
    let graph = interpreter.graph
    let products = Set(graph.nodes.filter { $0.operation == .linear }.flatMap(\.inputs))
    var seen: [(TensorID, Matrix)] = []
    do throws(InterpreterError) {
      _ = try interpreter.run(tokens: tokens) { seen.append((graph.nodes[$0].output, $1)) }
    } catch {
      throw .interpreter(error)
    }
    for (tensor, matrix) in seen {
      guard matrix.values.allSatisfy(\.isFinite) else { throw .notFinite(tensor: graph[tensor].name) }
      largest[tensor] = matrix.values.reduce(largest[tensor] ?? 0) { max($0, abs($1)) }
      if products.contains(tensor) { grams[tensor, default: Gram(width: matrix.columns)].add(matrix) }
    }
    texts += 1
  }
}
