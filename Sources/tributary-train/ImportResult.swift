import BundleFormat
import Compression
import Foundation
import ModelGraph

/// What the command tells when a bundle is written.
struct ImportResult {
  let contents: BundleContents
  let path: String
  let report: QuantizationReport?
  let memory: MemoryFit?
  let duration: Duration

  private var bytes: Int { (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0 }

  private var seconds: Double { Double(duration / .milliseconds(1)).rounded() / 1000 }

  private var longest: String {
    let takesText = contents.graph.inputs.contains { contents.graph[$0].dataType == .int32 }
    return takesText ? ", texts up to \(contents.graph.limits.sequence) tokens" : ""
  }

  var text: String {
    let graph = contents.graph
    let lines = [
      "wrote \(path): \(contents.name), \(bytes) bytes\(longest), in \(seconds) s",
      "split points: " + graph.splitPoints.map(\.name).joined(separator: " "),
      "dictionary for features: "
        + (contents.featureDictionary.isEmpty ? "none, it would save little" : "\(contents.featureDictionary.count) bytes"),
    ]
    return (lines + (memory.map { [$0.text] } ?? []) + (report.map { [$0.table] } ?? [])).joined(separator: "\n")
  }

  var json: String {
    let splits = contents.graph.splitPoints.map { quoted($0.name) }.joined(separator: ",")
    let fields = [
      "\"bundle\":\(quoted(path))", "\"name\":\(quoted(contents.name))", "\"bytes\":\(bytes)",
      "\"feature_dictionary_bytes\":\(contents.featureDictionary.count)",
      "\"maximum_tokens\":\(contents.graph.limits.sequence)", "\"split_points\":[\(splits)]", "\"seconds\":\(seconds)",
      "\"memory\":\(memory?.json ?? "null")", "\"report\":\(report?.json ?? "null")",
    ]
    return "{" + fields.joined(separator: ",") + "}"
  }

  private func quoted(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
  }
}
