import Autograd
import BundleFormat
import Compression
import Inference
import ModelGraph
import Models
import TestSupport
import Testing

/// A tiny model of three modalities, in float, written as a directory and read again, and quantised.
private struct TinyMultimodal {
  let configuration: MultimodalConfiguration
  let graph: Graph
  let tensors: MultimodalTensors
  let program: Program
  let parameters: ParameterMemory

  /// With a convolutional network in place of the transformer over patches.
  init(isConvolutional: Bool = false) throws {
    let vision = VisionConfiguration(
      imageSize: 16, patchSize: 4, hidden: 32, layers: 1, heads: 2, intermediate: 64, tokens: 0)
    let blocks = [
      [MobileNetConfiguration.Block(expanded: nil, outputs: 16, stride: 1, isResidual: false)],
      [MobileNetConfiguration.Block(expanded: 32, outputs: 32, stride: 2, isResidual: false)],
    ]
    let network = MobileNetConfiguration(imageSize: 16, first: 16, stages: blocks, last: 32, padding: .symmetric, epsilon: 1e-5)
    let sound = Wav2Vec2Configuration(
      features: [.init(width: 16, kernel: 10, stride: 5), .init(width: 32, kernel: 4, stride: 4)], norm: .layer, hasFeatureBias: true,
      hidden: 32, layers: 1, heads: 2, intermediate: 64, positionKernel: 5, positionGroups: 2, isNormFirst: true)
    let text = BertConfiguration(
      vocabulary: 40, hidden: 32, layers: 1, heads: 2, intermediate: 64, positions: 8, tokenTypes: 1)
    configuration = MultimodalConfiguration(
      towers: [
        .init(encoder: isConvolutional ? .mobileNet(network) : .vision(vision), bottleneck: .init(width: 16, merged: 2)),
        .init(encoder: .wav2vec2(sound, samples: 400), bottleneck: .init(width: 16)), .init(encoder: .bert(text, longest: 8)),
      ], embedding: 32, fusion: FusionConfiguration(width: 32, layers: 1, heads: 2, inner: 64, outputs: 7), crossLayers: 1,
      local: FusionConfiguration(width: 16, layers: 1, heads: 2, inner: 32, outputs: 7))
    (graph, tensors) = try configuration.graph(heads: [])
    program = try Program(graph)
    parameters = program.initialParameters(seed: 3)
    // Trained weights are no small numbers around 0: gates are open, and rows differ.
    var random = SeededGenerator(seed: 4)
    for index in 0..<parameters.memory.count { parameters.memory.start[index] += 0.15 * random.normal() }
  }

  var values: [TensorID: [Float]] { parameters.values(of: graph) }

  func example(_ seed: UInt64, _ modalities: Set<Modality> = Set(Modality.allCases)) -> Example {
    var random = SeededGenerator(seed: seed)
    var example = Example()
    for modality in Modality.allCases {
      guard let input = graph.input(of: modality).map({ graph.inputs[$0] }) else { continue }
      let count = graph[input].shape.elementCount(batch: 1, sequence: 1) ?? 0
      let tokens = (0..<3 + Int(seed % 5)).map { _ in Int32.random(in: 0..<40, using: &random) }
      let values = (0..<(modality == .text ? 0 : count)).map { _ in random.normal() }
      guard modalities.contains(modality) else { continue }
      if modality == .text { example.tokens = tokens } else { example.values[input] = values }
    }
    return example
  }
}

private let subsets: [Set<Modality>] = [
  [.image], [.sound], [.text], [.image, .sound], [.image, .text], [.sound, .text], [.image, .sound, .text],
]

@Suite struct MultimodalTests {
  @Test(arguments: [false, true]) func answersAsInFloatToEverySubset(isConvolutional: Bool) throws {
    let tiny = try TinyMultimodal(isConvolutional: isConvolutional)
    let interpreter = try FloatInterpreter(graph: tiny.graph, parameters: tiny.values)
    var calibration = Calibration()
    for seed in 0..<32 { try calibration.observe(tiny.example(UInt64(seed)), with: interpreter) }
    for (place, subset) in subsets.enumerated() {
      for seed in 0..<8 { try calibration.observe(tiny.example(UInt64(100 + 8 * place + seed), subset), with: interpreter) }
    }
    let quantized = try Quantizer(graph: tiny.graph, parameters: tiny.values, calibration: calibration).quantize()
    let folder = try TemporaryDirectory()
    let path = folder.path + "/model.gguf"
    try BundleWriter.write(BundleContents(name: "tiny", graph: quantized.graph, parameters: quantized.parameters), to: path)
    let model = try Model(bundle: Bundle(path: path))
    let session = try Session(model: model)
    let tape = Tape(tiny.program, parameters: tiny.parameters, workers: try Workers(count: 1), isTraining: false)
    for subset in subsets {
      let example = tiny.example(77, subset)
      try tape.load([example])
      tape.forward(isTraining: false)
      let absent = Modality.allCases.filter { !subset.contains($0) }.compactMap { tiny.graph.input(of: $0) }
      try session.load(example, without: Set(absent.map { tiny.graph[tiny.graph.inputs[$0]].name }))
      try session.run()
      for (output, id) in tiny.graph.outputs(of: .main).enumerated() {
        let expected = try #require(tape[id]).matrix.values
        let found = try session.result(output)
        #expect(found.count == expected.count, "\(tiny.graph[id].name) of \(subset)")
        if !expected.isEmpty { #expect(cosine(found, expected) > 0.99, "\(tiny.graph[id].name) of \(subset)") }
      }
    }
  }

  @Test func splitsBehindEveryEncoderLayerAndFusionSlice() throws {
    let tiny = try TinyMultimodal()
    let points = tiny.graph.splitPoints.map(\.name)
    #expect(Set(["text.embeddings", "sound.encoder.0", "text.rows", "fusion.cross.0", "fusion.streams", "fusion.0"]).isSubset(of: points))
    let outputs = tiny.graph.outputs.map { tiny.graph[$0].name }
    #expect(outputs == ["image-embedding", "sound-embedding", "text-embedding", "logits", "local.logits"])
  }

  @Test func anAbsentModalityChangesNoOtherEmbedding() throws {
    let tiny = try TinyMultimodal()
    let tape = Tape(tiny.program, parameters: tiny.parameters, workers: try Workers(count: 1), isTraining: false)
    try tape.load([tiny.example(5), tiny.example(5, [.image])])
    tape.forward(isTraining: false)
    let (image, text) = (try #require(tiny.tensors.embeddings[.image]), try #require(tiny.tensors.embeddings[.text]))
    let rows = try #require(tape[image]).matrix
    #expect(Array(rows[row: 0]) == Array(rows[row: 1]))
    #expect(tape[text]?.rows == 1)
    let logits = try #require(tiny.tensors.logits)
    #expect(tape[logits]?.rows == 2)
  }

  @Test func everyHeadFitsTheModel() throws {
    let tiny = try TinyMultimodal()
    let layers = Modality.allCases.map { LayerHead(layer: 1, target: LayerOutput($0, .rows, layer: 3), width: 5) }
    let heads = [.patches, .spectra, .tokens, .matching, .caption] + layers.map { PretrainingHead.layer($0) }
    let (graph, tensors) = try tiny.configuration.graph(heads: Set(heads))
    #expect(tensors.heads.all.count == heads.count)
    #expect(graph.outputs.count == tiny.graph.outputs.count + tensors.heads.all.count)
    let own = Set(tiny.graph.parameters.map { tiny.graph[$0].name })
    #expect(own.isSubset(of: graph.parameters.map { graph[$0].name }))
  }
}
