import Autograd
import BundleFormat
import Compression
import Foundation
import Inference
import ModelGraph
import Models
import TestSupport
import Testing

/// Every family that is imported, from its files to integers: tiny models with random weights and what the originals compute.
/// (tools/oracles/tiny_*.py)
@Suite struct ImportedModelTests {
  private struct Expected: Decodable {
    let tokens: [Int32]?
    let outputs: [String: [Float]]
  }

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("ModelsTests/Golden")

  /// Calibrated on random inputs, quantised, written, opened and run on the input of the oracle.
  @Test(arguments: [
    "vit", "vit-logits", "deit-logits", "deit-teacher", "timm-vit", "timm-deit", "clip", "clip-image", "clip-text", "wav2vec2",
    "wav2vec2-stable", "wav2vec2-logits", "mobilenet", "mobilenet-logits", "timm-mobilenet", "resnet", "resnet-logits", "timm-resnet",
    "fusion-local",
  ])
  func integersAreNearTheOriginals(name: String) throws {
    let path = Self.folder.appendingPathComponent(name).path
    let expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: URL(fileURLWithPath: path + "/expected.json")))
    let model = try HuggingFaceModel(directory: path, samples: 400)
    let session = try Session(model: quantized(model, tokens: expected.tokens))
    try session.load(Self.example(model.graph, tokens: expected.tokens, seed: nil))
    let local = model.graph.outputs(of: .local)
    for (index, id) in model.graph.outputs.enumerated() {
      try session.complete(local.contains(id) ? .local : .main)
      let truth = try #require(expected.outputs[model.graph[id].name])
      var values = [Float](repeating: 0, count: truth.count)
      var span = values.mutableSpan
      try session.read(output: index, into: &span)
      let cosine = cosine(values, truth)
      #expect(cosine >= 0.99, "\(model.graph[id].name): cosine \(cosine)")
    }
  }

  private func quantized(_ model: HuggingFaceModel, tokens: [Int32]?) throws -> Model {
    let interpreter = try FloatInterpreter(graph: model.graph, parameters: model.parameters)
    var calibration = Calibration()
    for seed in 0..<16 { try calibration.observe(Self.example(model.graph, tokens: tokens, seed: UInt64(seed)), with: interpreter) }
    let quantized = try Quantizer(graph: model.graph, parameters: model.parameters, calibration: calibration).quantize()
    let folder = try TemporaryDirectory()
    let path = folder.path + "/model.gguf"
    try BundleWriter.write(BundleContents(name: "tiny", graph: quantized.graph, parameters: quantized.parameters), to: path)
    let opened = try Model(bundle: BundleFormat.Bundle(unverified: path))
    try opened.activate()
    return opened
  }

  /// Numbers between −1 and 1: random ones, or without a seed those of the oracles' formula.
  private static func example(_ graph: Graph, tokens: [Int32]?, seed: UInt64?) -> Example {
    var example = Example(tokens: tokens)
    var generator = seed.map { SeededGenerator(seed: $0) }
    for id in graph.inputs where graph[id].dataType == .float32 {
      let count = graph[id].shape.elementCount(batch: 1, sequence: 1) ?? 0
      if var random = generator {
        example.values[id] = (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
        generator = random
      } else {
        example.values[id] = oracleNumbers(count)
      }
    }
    return example
  }
}
