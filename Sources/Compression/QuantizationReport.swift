import Evaluation
import JSONFormat

/// How far the quantised model is from float, node by node.
package struct QuantizationReport: Sendable, Equatable {
  package struct Line: Sendable, Equatable {
    package let node: String
    package let operation: String
    /// The cosine between both results, over all elements of all examples.
    package let cosine: Double
    /// The root of the mean square of the difference, relative to that of float.
    package let relativeError: Double

    package init(node: String, operation: String, cosine: Double, relativeError: Double) {
      self.node = node
      self.operation = operation
      self.cosine = cosine
      self.relativeError = relativeError
    }
  }

  package let examples: Int
  package let lines: [Line]
  /// Of the model's outputs, example by example.
  package let meanCosine: Double
  package let leastCosine: Double

  package init(examples: Int, lines: [Line], meanCosine: Double, leastCosine: Double) {
    self.examples = examples
    self.lines = lines
    self.meanCosine = meanCosine
    self.leastCosine = leastCosine
  }
}

extension QuantizationReport {
  /// A table for people.
  package var table: String {
    let width = lines.map(\.node.count).max() ?? 0
    let rows = lines.map { line in
      [
        line.node.padded(width), line.operation.padded(12), line.cosine.decimal(6).padded(9),
        (100 * line.relativeError).decimal(3).padded(8, right: true) + " %",
      ].joined(separator: "  ")
    }
    let title = ["node".padded(width), "operation".padded(12), "cosine".padded(9), "rms error"].joined(separator: "  ")
    return ([title] + rows + [summary]).joined(separator: "\n")
  }

  /// One line on the output.
  package var summary: String {
    "output over \(examples) examples: cosine to float, mean \(meanCosine.decimal(5)), least \(leastCosine.decimal(5))"
  }

  /// One JSON object.
  package var json: String {
    let nodes = lines.map { line in
      Json.object([
        .init(key: "node", value: .string(line.node)), .init(key: "operation", value: .string(line.operation)),
        .init(key: "cosine", value: .number(line.cosine)), .init(key: "relative_error", value: .number(line.relativeError)),
      ])
    }
    return Json.object([
      .init(key: "examples", value: .integer(examples)), .init(key: "mean_cosine", value: .number(meanCosine)),
      .init(key: "least_cosine", value: .number(leastCosine)), .init(key: "nodes", value: .array(nodes)),
    ]).text
  }
}
