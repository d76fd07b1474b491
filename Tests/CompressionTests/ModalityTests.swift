import Autograd
import BundleFormat
import Compression
import Inference
import ModelGraph
import TestSupport
import Testing

/// A small model, quantised, written and opened again.
struct QuantizedSmallModel {
  let small: SmallModel
  let interpreter: FloatInterpreter
  let model: Model

  init(_ small: SmallModel) throws {
    self.small = small
    interpreter = try FloatInterpreter(graph: small.graph, parameters: small.parameters)
    var calibration = Calibration()
    for seed in 0..<24 { try calibration.observe(Self.example(small, seed: UInt64(seed)), with: interpreter) }
    for id in small.graph.inputs.dropFirst() {
      for seed in 24..<32 {
        let example = Self.example(small, seed: UInt64(seed)).without([small.graph[id].name], in: small.graph)
        try calibration.observe(example, with: interpreter)
      }
    }
    let quantized = try Quantizer(graph: small.graph, parameters: small.parameters, calibration: calibration).quantize()
    let folder = try TemporaryDirectory()
    let path = folder.path + "/model.gguf"
    try BundleWriter.write(BundleContents(name: small.name, graph: quantized.graph, parameters: quantized.parameters), to: path)
    model = try Model(bundle: Bundle(unverified: path))
    try model.activate()
  }

  private static let models: [String: QuantizedSmallModel] = Dictionary(
    uniqueKeysWithValues: SmallModel.all.compactMap { small in (try? QuantizedSmallModel(small)).map { (small.name, $0) } })

  static func named(_ name: String) throws -> QuantizedSmallModel { try #require(models[name]) }

  static func example(_ small: SmallModel, seed: UInt64) -> Example {
    Example(tokens: small.tokens(1 + Int(seed * 5) % SmallModelBuilder.sequence, seed: seed), values: small.values(seed: seed))
  }
}

extension Session {
  /// Brings an example without the inputs of those names.
  func load(_ example: Example, without absent: Set<String> = []) throws {
    try begin(sequence: example.tokens?.count ?? 1)
    for id in model.graph.inputs where !absent.contains(model.graph[id].name) { try join(example, model.graph[id].name) }
  }

  /// Brings the input of that name.
  func join(_ example: Example, _ name: String) throws {
    for (index, id) in model.graph.inputs.enumerated() where model.graph[id].name == name {
      if model.graph[id].dataType == .int32, let tokens = example.tokens { try load(tokens: tokens.span, input: index) }
      if let values = example.values[id] { try load(values: values.span, input: index) }
    }
  }

  func result(_ output: Int = 0, item: Int = 0) throws -> [Float] {
    let width = model.graph[model.graph.outputs[output]].shape.width ?? 0
    var values = [Float](repeating: .nan, count: rowCount(output: output, item: item) * width)
    var span = values.mutableSpan
    try read(output: output, item: item, into: &span)
    return values
  }

  func compute(_ example: Example, without absent: Set<String> = []) throws -> [Float] {
    try load(example, without: absent)
    try run()
    return try result()
  }
}

func cosine(_ a: [Float], _ b: [Float]) -> Double {
  let sums = zip(a, b).reduce((0.0, 0.0, 0.0)) {
    ($0.0 + Double($1.0) * Double($1.1), $0.1 + Double($1.0) * Double($1.0), $0.2 + Double($1.1) * Double($1.1))
  }
  return sums.0 / (sums.1 * sums.2).squareRoot()
}

extension Example {
  /// This one without the inputs of those names.
  func without(_ names: [String], in graph: Graph) -> Example {
    var rest = self
    if names.contains("tokens") { rest.tokens = nil }
    for id in graph.inputs where names.contains(graph[id].name) { rest.values[id] = nil }
    return rest
  }
}

private let names = ["convolutional", "vision", "sound", "fusion", "decoder"]

@Suite struct ModalityTests {
  private func model(_ name: String) throws -> QuantizedSmallModel { try .named(name) }

  @Test(arguments: names) func integersAreNearFloat(name: String) throws {
    let quantized = try model(name)
    let session = try Session(model: quantized.model)
    for seed in 100..<116 {
      let example = QuantizedSmallModel.example(quantized.small, seed: UInt64(seed))
      let truth = try quantized.interpreter.run(example)[0]
      let cosine = cosine(try session.compute(example), truth.values)
      #expect(cosine > 0.99, "\(name): cosine \(cosine)")
    }
  }

  @Test(arguments: names) func everyKernelSetAndThreadCountGivesTheSameBits(name: String) throws {
    let quantized = try model(name)
    let portable = try Session(model: quantized.model, kernels: KernelSet.named("portable"))
    let others = try KernelSet.available.flatMap { kernels in
      try [1, 2, 3, 4].map { try Session(model: quantized.model, threads: $0, kernels: kernels) }
    }
    for seed in 200..<206 {
      let example = QuantizedSmallModel.example(quantized.small, seed: UInt64(seed))
      let expected = try portable.compute(example).map(\.bitPattern)
      for session in others { #expect(try session.compute(example).map(\.bitPattern) == expected) }
    }
  }

  @Test(arguments: names) func everySplitPointGivesTheSameBits(name: String) throws {
    let quantized = try model(name)
    let device = try Session(model: quantized.model, kernels: KernelSet.named("portable"))
    let peer = try Session(model: quantized.model, threads: 2)
    #expect(!quantized.model.graph.splitPoints.isEmpty)
    for seed in 300..<304 {
      let example = QuantizedSmallModel.example(quantized.small, seed: UInt64(seed))
      let expected = try device.compute(example)
      for split in quantized.model.graph.splitPoints.indices {
        try device.load(example)
        let sequence = example.tokens?.count ?? 1
        #expect(device.featureByteCount(split: split) == quantized.model.featureByteCount(split: split, sequence: sequence))
        var features = [UInt8](repeating: 0, count: device.featureByteCount(split: split))
        var span = features.mutableSpan
        try device.run(until: split, features: &span)
        try peer.run(features: features.span, from: split, sequence: sequence)
        #expect(try peer.result() == expected)
      }
    }
  }

  @Test(arguments: [["tokens"], ["image"], ["sound"], ["image", "sound"], ["tokens", "sound"], ["tokens", "image"]])
  func modalitiesMayBeAbsent(absent: [String]) throws {
    let quantized = try model("fusion")
    let session = try Session(model: quantized.model, threads: 2)
    // The median: where two experts' logits are nearly equal, a row may go to the other one.
    let cosines = try (400..<415).map { seed in
      let example = QuantizedSmallModel.example(quantized.small, seed: UInt64(seed))
      let found = try session.compute(example, without: Set(absent))
      let truth = try quantized.interpreter.run(example.without(absent, in: quantized.small.graph))[0]
      return cosine(found, truth.values)
    }.sorted()
    #expect(cosines[cosines.count / 2] > 0.99, "without \(absent): \(cosines)")
  }

  /// Token by token, or in pieces, with remembered keys and values: the bits of a run of all tokens.
  @Test(arguments: [[12], [1, 11], [5, 1, 1, 2, 3], Array(repeating: 1, count: 12)], [1, 3])
  func continuedRunsGiveTheSameBits(pieces: [Int], threads: Int) throws {
    let quantized = try model("decoder")
    let session = try Session(model: quantized.model, threads: threads)
    #expect(session.isGenerative)
    for seed in 500..<503 {
      var example = QuantizedSmallModel.example(quantized.small, seed: UInt64(seed))
      let tokens = try #require(quantized.small.tokens(12, seed: UInt64(seed)))
      example.tokens = tokens
      let expected = try session.compute(example)
      example.tokens = Array(tokens[..<pieces[0]])
      var found = try session.compute(example)
      var begin = pieces[0]
      for piece in pieces.dropFirst() {
        try session.extend(tokens: Array(tokens[begin..<begin + piece]).span)
        found += try session.result()
        begin += piece
      }
      #expect(found == expected)
      #expect(throws: InferenceError.sequence(13, limit: 12)) { try session.extend(tokens: [1].span) }
    }
    let fusion = try Session(model: model("fusion").model)
    #expect(throws: InferenceError.notGenerative) { try fusion.extend(tokens: [1].span) }
  }

  @Test func withoutAnyInputThereIsNoOutput() throws {
    let session = try Session(model: try model("fusion").model)
    try session.begin()
    try session.run()
    #expect(session.rowCount(output: 0) == 0)
    _ = try session.compute(QuantizedSmallModel.example(model("fusion").small, seed: 1))
    #expect(session.rowCount(output: 0) == 1)
  }
}
