import Autograd
import Compression
import Foundation
import ModelGraph
import Testing

/// A report on what `change` makes of each node's float result.
private func report(_ change: (Int, [Float]) -> [Float]?) throws -> QuantizationReport {
  let encoder = try SmallEncoder()
  var comparison = QuantizationComparison(try encoder.interpreter)
  for text in SmallEncoder.texts(3) {
    try comparison.begin(Example(tokens: text))
    var results: [(Int, [Float])] = []
    _ = try encoder.interpreter.run(tokens: text) { results.append(($0, $1.values)) }
    for (node, values) in results { change(node, values).map { comparison.observe(node: node, values: $0) } }
  }
  return comparison.report
}

@Test func equalResultsHaveNoError() throws {
  let report = try report { $1 }
  #expect(try report.lines.map(\.node) == SmallEncoder().graph.nodes.map(\.name))
  #expect(report.lines.allSatisfy { abs($0.cosine - 1) < 1e-12 && $0.relativeError == 0 })
  #expect(report.examples == 3 && abs(report.meanCosine - 1) < 1e-12 && abs(report.leastCosine - 1) < 1e-12)
}

@Test func errorsAreRelative() throws {
  let report = try report { node, values in node == 4 ? values.map { $0 * 1.25 } : (node == 5 ? values.map { -$0 } : nil) }
  #expect(report.lines.count == 2)
  #expect(abs(report.lines[0].cosine - 1) < 1e-9 && abs(report.lines[0].relativeError - 0.25) < 1e-6)
  #expect(abs(report.lines[1].cosine + 1) < 1e-9 && abs(report.lines[1].relativeError - 2) < 1e-6)
  #expect(report.lines[0].node == "encoder.0.key" && report.lines[0].operation == "linear")
}

@Test func tablesAndJsonShowTheNumbers() throws {
  let line = QuantizationReport.Line(node: "encoder.0.query", operation: "linear", cosine: 0.9991234, relativeError: 0.04325)
  let report = QuantizationReport(examples: 2, lines: [line], meanCosine: 0.998, leastCosine: -0.25)
  #expect(
    report.table == """
      node             operation     cosine     rms error
      encoder.0.query  linear        0.999123      4.325 %
      output over 2 examples: cosine to float, mean 0.99800, least -0.25000
      """)
  let parsed = try JSONSerialization.jsonObject(with: Data(report.json.utf8))
  let object = try #require(parsed as? [String: Any])
  #expect(object["examples"] as? Int == 2 && object["least_cosine"] as? Double == -0.25)
  let nodes = try #require(object["nodes"] as? [[String: Any]])
  #expect(nodes.count == 1 && nodes[0]["node"] as? String == "encoder.0.query" && nodes[0]["relative_error"] as? Double == 0.04325)
}
