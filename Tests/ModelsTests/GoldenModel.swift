import Autograd
import Foundation
import ModelGraph
import Models
import TestSupport

/// A folder of a tiny model with what the original computes, see tools/oracles.
struct GoldenModel {
  private struct Expected: Decodable {
    let tokens: [Int32]?
    let outputs: [String: [Float]]
  }

  static let folder = Bundle.module.bundleURL.appendingPathComponent("Golden")

  /// A copy that may be changed.
  let directory: TemporaryDirectory
  private let expected: Expected

  init(_ name: String) throws {
    let source = Self.folder.appendingPathComponent(name)
    directory = try TemporaryDirectory(copying: source)
    expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: source.appendingPathComponent("expected.json")))
  }

  /// Sounds have as many samples as the original was given, unless told otherwise.
  func load(maximumTokens: Int? = nil, samples: Int? = 400) throws -> HuggingFaceModel {
    try HuggingFaceModel(directory: directory.path, maximumTokens: maximumTokens, samples: samples)
  }

  /// The largest difference of each output to the original's, by the largest of its numbers.
  /// Streams that are as long as a text have `sequence` rows.
  func errors(of graph: Graph, _ parameters: [TensorID: [Float]], sequence: Int = 1) throws -> [String: Float] {
    var example = Example(tokens: expected.tokens)
    for id in graph.inputs where graph[id].dataType == .float32 {
      example.values[id] = oracleNumbers(graph[id].shape.elementCount(batch: 1, sequence: sequence) ?? 0)
    }
    let results = try FloatInterpreter(graph: graph, parameters: parameters).run(example)
    var errors: [String: Float] = [:]
    for (id, result) in zip(graph.outputs, results) {
      errors[graph[id].name] = Self.error(result.values, expected.outputs[graph[id].name] ?? [])
    }
    return errors
  }

  var outputs: Set<String> { Set(expected.outputs.keys) }

  private static func error(_ found: [Float], _ expected: [Float]) -> Float {
    guard found.count == expected.count, let largest = expected.map(abs).max(), largest > 0 else { return .infinity }
    return zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest
  }
}

extension TemporaryDirectory {
  /// Changes names in a checkpoint, each by one of the same length so that nothing else moves.
  func renameTensors(_ changes: [(String, String)]) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: path + "/model.safetensors"))
    let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    var header = String(decoding: data.dropFirst(8).prefix(length), as: UTF8.self)
    for (old, new) in changes { header = header.replacingOccurrences(of: old, with: new) }
    let count = UInt64(header.utf8.count)
    let prefix = (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    try write("model.safetensors", prefix + Array(header.utf8) + [UInt8](data.dropFirst(8 + length)))
  }
}
