import Autograd
import Compression
import ModelGraph
import Models
import TestSupport
import Testing

private let transformer = """
  [model.image]
  encoder = "vit"
  size = 16
  patch = 4
  hidden = 32
  layers = 2
  heads = 4
  bottleneck = 8
  merged = 2
  """

private let network = """
  [model.image]
  encoder = "mobilenet"
  size = 16
  first = 16
  widths = [16, 24, 32]
  depths = [1, 2, 1]
  strides = [1, 2, 2]
  last = 32
  bottleneck = 8
  """

private let others = """

  [model]
  embedding = 32
  [model.sound]
  encoder = "wav2vec2"
  rate = 16000
  samples = 400
  widths = [16, 32]
  kernels = [10, 4]
  strides = [5, 4]
  hidden = 32
  layers = 1
  heads = 2
  position_kernel = 5
  [model.text]
  encoder = "bert"
  longest = 8
  hidden = 32
  layers = 1
  heads = 2
  inner = 48
  [model.fusion]
  width = 32
  layers = 1
  heads = 2
  experts = 3
  cross_layers = 1
  [model.local]
  width = 32
  layers = 1
  heads = 2
  """

/// A model with random parameters, no two elements of which are alike.
private struct RandomModel {
  let description: MultimodalDescription
  let graph: Graph
  let tokens = 40
  var parameters: [TensorID: [Float]]

  init(_ image: String) throws {
    let folder = try TemporaryDirectory()
    let fields = try ModelFile.toml(try folder.write("experiment.toml", (image + others).utf8))["model"]
    description = try MultimodalDescription(fields, vocabulary: tokens, labels: 7)
    graph = try description.configuration.graph(heads: []).graph
    let start = try Program(graph).initialParameters(seed: 3)
    var random = SeededGenerator(seed: 4)
    for index in 0..<start.memory.count { start.memory.start[index] += 0.15 * random.normal() }
    parameters = start.values(of: graph)
  }

  func outputs(_ graph: Graph, _ parameters: [TensorID: [Float]]) throws -> [[Float]] {
    var random = SeededGenerator(seed: 9)
    var example = Example(tokens: (0..<6).map { _ in Int32.random(in: 0..<Int32(tokens), using: &random) })
    for input in graph.inputs where graph[input].dataType == .float32 {
      example.values[input] = (0..<(graph[input].shape.elementCount(batch: 1, sequence: 1) ?? 0)).map { _ in random.normal() }
    }
    return try FloatInterpreter(graph: graph, parameters: parameters).run(example).map(\.values)
  }

  /// The parameters with zeros for all elements that a narrower model lacks.
  func masked(_ narrower: [String: [Float]]) -> [TensorID: [Float]] {
    Dictionary(
      uniqueKeysWithValues: parameters.map { id, values in
        let left = Set(narrower[graph[id].name] ?? [])
        return (id, values.map { left.contains($0) ? $0 : 0 })
      })
  }
}

@Suite struct PruningTests {
  private let shares = ["image": 0.5, "sound": 0.5, "text": 0.6, "fusion": 0.5, "local": 0.25]

  @Test(arguments: [transformer, network]) func aNarrowerModelComputesWhatTheMaskedOneDoes(image: String) throws {
    let model = try RandomModel(image)
    let target = try model.description.narrowed(to: shares).configuration.graph(heads: []).graph
    let narrower = try Pruning(graph: model.graph, parameters: model.parameters).parameters(for: target)
    let masked = model.masked(Dictionary(uniqueKeysWithValues: narrower.map { (target[$0].name, $1) }))
    #expect(masked != model.parameters)
    for (found, expected) in zip(try model.outputs(target, narrower), try model.outputs(model.graph, masked)) {
      #expect(found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 2e-5 })
    }
    #expect(target.multiplyAccumulates(sequence: 8) < model.graph.multiplyAccumulates(sequence: 8) * 3 / 4)
  }

  @Test func whatCountsForNothingGoesFirst() throws {
    var model = try RandomModel(transformer)
    let target = try model.description.narrowed(to: ["image": 0.5]).configuration.graph(heads: []).graph
    let name = "image.encoder.layer.1.intermediate.dense"
    var random = SeededGenerator(seed: 5)
    let silent = Array((0..<128).shuffled(using: &random).prefix(64))
    // Small weights that the loss depends on stay before large ones that it does not depend on.
    var sensitivities = model.parameters.mapValues { $0.map { _ in Float(0) } }
    for id in model.graph.parameters where model.graph[id].name == name + ".bias" {
      model.parameters[id] = (0..<128).map { silent.contains($0) ? 2 : 0.001 * Float($0) }
      sensitivities[id] = (0..<128).map { silent.contains($0) ? 0 : 100 }
    }
    let pruning = Pruning(graph: model.graph, parameters: model.parameters, sensitivities: sensitivities)
    let left = try pruning.parameters(for: target)
    let bias = try #require(target.parameters.first { target[$0].name == name + ".bias" }.flatMap { left[$0] })
    #expect(bias == (0..<128).filter { !silent.contains($0) }.map { 0.001 * Float($0) })
  }

  @Test func sharesBecomeWholeBlocks() throws {
    let sizes = try RandomModel(transformer).description.narrowed(to: shares).configuration
    guard case .vision(let vision) = sizes.towers[0].encoder, case .bert(let bert, _) = sizes.towers[2].encoder else {
      throw Failure(what: "\(sizes.towers)")
    }
    #expect((vision.heads, vision.headWidth, vision.intermediate) == (2, 8, 64))
    #expect((bert.heads, bert.headWidth, bert.intermediate) == (1, 16, 32))
    #expect((sizes.local?.heads, sizes.local?.headWidth, sizes.local?.inner) == (1, 16, 32))
    let residuals = try RandomModel(network).description.narrowed(to: shares).configuration.towers[0].encoder
    guard case .mobileNet(let network) = residuals else { throw Failure(what: "\(residuals)") }
    #expect(network.stages.flatMap { $0 }.map(\.expanded) == [nil, 48, 80, 80])
  }

  private struct Failure: Error { let what: String }

  @Test func widthsThatMustStayAreNamed() throws {
    let model = try RandomModel(transformer)
    let pruning = Pruning(graph: model.graph, parameters: model.parameters)
    var configuration = model.description.configuration
    configuration.embedding = 16
    let smaller = try configuration.graph(heads: []).graph
    #expect {
      _ = try pruning.parameters(for: smaller)
    } throws: { error in
      if case .otherModel? = error as? PruningError { true } else { false }
    }
    configuration = model.description.configuration
    configuration.local?.outputs = 5
    let fewer = try configuration.graph(heads: []).graph
    #expect(throws: PruningError.fixed(parameter: "local.head.weight", obstacle: "it is an output")) {
      _ = try pruning.parameters(for: fewer)
    }
    configuration = model.description.configuration
    configuration.local?.inner = 256
    let wider = try configuration.graph(heads: []).graph
    #expect {
      _ = try pruning.parameters(for: wider)
    } throws: { error in
      if case .size(_, 128, 256, 1)? = error as? PruningError { true } else { false }
    }
  }
}
