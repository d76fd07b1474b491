package import Autograd
import ModelGraph

/// Collects a `QuantizationReport`: for each example, `begin` and then `observe` with what the runtime computes at each node.
package struct QuantizationComparison {
  private let interpreter: FloatInterpreter
  private var sums: [Int: Sums] = [:]
  private var truth: [Int: Matrix] = [:]
  private var outputs: [Double] = []

  /// Sums over elements a of float and b of the quantised model.
  private struct Sums {
    var product = 0.0
    var float = 0.0
    var quantized = 0.0
    var difference = 0.0

    mutating func add(_ a: Float, _ b: Float) {
      product += Double(a) * Double(b)
      float += Double(a) * Double(a)
      quantized += Double(b) * Double(b)
      difference += (Double(a) - Double(b)) * (Double(a) - Double(b))
    }

    /// 1 where both are all zeros.
    var cosine: Double { float * quantized > 0 ? product / (float * quantized).squareRoot() : (float == quantized ? 1 : 0) }

    var relativeError: Double { float > 0 ? (difference / float).squareRoot() : (difference > 0 ? .infinity : 0) }
  }

  /// Compares with a float model whose nodes are those of the quantised one.
  package init(_ interpreter: FloatInterpreter) { self.interpreter = interpreter }

  /// Computes the next example in float.
  package mutating func begin(_ example: Example) throws(CompressionError) {
    var results: [Int: Matrix] = [:]
    do throws(InterpreterError) {
      _ = try interpreter.run(example) { results[$0] = $1 }
    } catch {
      throw .interpreter(error)
    }
    truth = results
  }

  /// Takes a node's result in the quantised model, as real numbers, row-major. Nodes may be left out.
  package mutating func observe(node: Int, values: [Float]) {
    guard let expected = truth[node] else { return }
    precondition(expected.values.count == values.count, "node \(node) gave \(values.count) values, expected \(expected.values.count)")
    var own = Sums()
    for (a, b) in zip(expected.values, values) {
      sums[node, default: Sums()].add(a, b)
      own.add(a, b)
    }
    if interpreter.graph.outputs.contains(interpreter.graph.nodes[node].output) { outputs.append(own.cosine) }
  }

  /// The report on all examples so far.
  package var report: QuantizationReport {
    let lines = sums.sorted { $0.key < $1.key }.map { index, sums in
      let node = interpreter.graph.nodes[index]
      return QuantizationReport.Line(
        node: node.name, operation: node.operation.name, cosine: sums.cosine, relativeError: sums.relativeError)
    }
    return QuantizationReport(
      examples: outputs.count, lines: lines, meanCosine: outputs.reduce(0, +) / Double(max(1, outputs.count)),
      leastCosine: outputs.min() ?? 0)
  }
}
