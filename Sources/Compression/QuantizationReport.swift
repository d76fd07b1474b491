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
      #"{"node":"\#(line.node)","operation":"\#(line.operation)","#
        + #""cosine":\#(line.cosine.json),"relative_error":\#(line.relativeError.json)}"#
    }
    let numbers = #""examples":\#(examples),"mean_cosine":\#(meanCosine.json),"least_cosine":\#(leastCosine.json)"#
    return "{" + numbers + #","nodes":["# + nodes.joined(separator: ",") + "]}"
  }
}

extension String {
  fileprivate func padded(_ width: Int, right: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - count))
    return right ? space + self : self + space
  }
}

extension Double {
  /// JSON has no infinities.
  fileprivate var json: String { isFinite ? "\(self)" : "null" }

  /// In fixed notation with that many decimals, rounded; below 2^53 in the last place.
  fileprivate func decimal(_ places: Int) -> String {
    guard isFinite else { return "\(self)" }
    let unit = (0..<places).reduce(1.0) { product, _ in product * 10 }
    guard let scaled = Int(exactly: (magnitude * unit).rounded()) else { return "\(self)" }
    let digits = String(scaled)
    let filled = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    return (self < 0 ? "-" : "") + filled.dropLast(places) + "." + filled.suffix(places)
  }
}
