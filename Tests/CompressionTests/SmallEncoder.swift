import Autograd
import Compression
import ModelGraph
import Models
import TestSupport
import Testing

/// A BERT encoder of two layers with random parameters.
struct SmallEncoder {
  let graph: Graph
  var parameters: [TensorID: [Float]]

  init(seed: UInt64 = 1) throws {
    var builder = GraphBuilder()
    let configuration = BertConfiguration(vocabulary: 30, hidden: 24, layers: 2, heads: 3, intermediate: 40, positions: 16)
    let output = bertEncoder(into: &builder, configuration)
    graph = try builder.build(outputs: [output], limits: Limits(batch: 1, sequence: 16))
    var generator = SeededGenerator(seed: seed)
    parameters = [:]
    for id in graph.parameters {
      let count = try #require(graph[id].shape.elementCount(batch: 1, sequence: 1))
      let isGain = graph[id].name.hasSuffix("LayerNorm.weight")
      parameters[id] = (0..<count).map { _ in generator.normal() * 0.3 + (isGain ? 1 : 0) }
    }
  }

  var interpreter: FloatInterpreter {
    get throws { try FloatInterpreter(graph: graph, parameters: parameters) }
  }

  /// Random sequences of tokens.
  static func texts(_ count: Int, seed: UInt64 = 2) -> [[Int32]] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      (0..<Int.random(in: 1...16, using: &generator)).map { _ in Int32.random(in: 0..<30, using: &generator) }
    }
  }

  func calibration(texts: [[Int32]] = texts(40)) throws -> Calibration {
    var calibration = Calibration()
    for text in texts { try calibration.observe(text, with: interpreter) }
    return calibration
  }

  func tensor(_ name: String) throws -> TensorID { TensorID(try #require(graph.tensors.firstIndex { $0.name == name })) }
}
