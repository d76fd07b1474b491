import Autograd
import Foundation
import ModelGraph
import Models
import Testing

/// What PyTorch computed of a tiny model and its gradients, see tools/oracles/training.py.
struct GoldenTraining {
  static let folder = Bundle.module.bundleURL.appendingPathComponent("Golden")

  let tensors: [String: [Float]]

  init(_ name: String) throws {
    let file = try Safetensors(path: Self.folder.appendingPathComponent("\(name).safetensors").path)
    var tensors: [String: [Float]] = [:]
    for entry in file.entries { tensors[entry.name] = try file.floats(entry) }
    self.tensors = tensors
  }

  /// A tape over a program, with the parameters as they were before.
  func tape(_ program: Program, threads: Int = 2) throws -> Tape {
    let parameters = program.parameters()
    for (place, entry) in program.layout.entries.enumerated() {
      let values = try #require(tensors["value.\(entry.name)"], "\(entry.name)")
      try #require(values.count == entry.range.count, "\(entry.name)")
      _ = parameters[place].update(from: values)
    }
    return Tape(program, parameters: parameters, workers: try Workers(count: threads))
  }

  /// The largest difference, by the largest of the expected numbers.
  static func error(_ found: some Collection<Float>, _ expected: [Float]) -> Float {
    guard found.count == expected.count, let largest = expected.map(abs).max(), largest > 0 else { return .infinity }
    return zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest
  }
}

/// The tiny models, built by the functions that build the large ones.
enum TinyModels {
  static let bert = BertConfiguration(vocabulary: 19, hidden: 16, layers: 2, heads: 2, intermediate: 24, positions: 8)

  static func build(sequence: Int = 1, _ add: (inout GraphBuilder) -> TensorID) throws -> Graph {
    var builder = GraphBuilder()
    let output = add(&builder)
    return try builder.build(outputs: [output], limits: Limits(batch: 8, sequence: sequence))
  }

  static func bertGraph() throws -> Graph { try build(sequence: 8) { bertEncoder(into: &$0, bert) } }

  /// Texts of 5, 2 and 7 tokens.
  static let texts = [5, 2, 7].enumerated().map { row, length in
    Example(tokens: (0..<length).map { Int32((7 * row + 5 * $0) % 19) })
  }

  static func vit() throws -> Graph {
    let configuration = VisionConfiguration(
      imageSize: 16, patchSize: 8, hidden: 16, layers: 2, heads: 2, intermediate: 24, epsilon: 1e-12)
    return try build { visionTransformer(into: &$0, configuration, head: .embedding) }
  }

  static func mobileNet() throws -> Graph {
    func block(_ outputs: Int, stride: Int, residual: Bool) -> MobileNetConfiguration.Block {
      MobileNetConfiguration.Block(expanded: 48, outputs: outputs, stride: stride, isResidual: residual)
    }
    let first = MobileNetConfiguration.Block(expanded: nil, outputs: 8, stride: 1, isResidual: false)
    let configuration = MobileNetConfiguration(
      imageSize: 40, first: 8,
      stages: [
        [first], [block(8, stride: 2, residual: false), block(8, stride: 1, residual: true)],
        [block(8, stride: 2, residual: false), block(8, stride: 1, residual: true), block(8, stride: 1, residual: true)],
      ], last: 16, padding: .symmetric, epsilon: 0.001)
    return try build { Models.mobileNet(into: &$0, configuration, labels: nil) }
  }

  static func wav2vec2() throws -> Graph {
    let configuration = Wav2Vec2Configuration(
      features: [.init(width: 8, kernel: 10, stride: 5), .init(width: 8, kernel: 3, stride: 2)], norm: .group, hasFeatureBias: false,
      hidden: 16, layers: 2, heads: 2, intermediate: 24, positionKernel: 8, positionGroups: 2, isNormFirst: false)
    return try build { Models.wav2vec2(into: &$0, configuration, samples: 200, head: .embedding) }
  }
}
