import BundleFormat
import Inference
import ModelGraph
import TestSupport
import Testing

/// What becomes of a graph that the verifier accepts.
private enum Fate {
  /// Too large to be tried here.
  case skipped
  case refused
  case ran
}

/// Graphs made by chance and damaged by chance: what the verifier accepts must be refused with a typed error or run, the same with all
/// kernels and threads.
@Suite struct GraphFuzzTests {
  private let folder = Result { try TemporaryDirectory() }

  private func run(_ graph: Graph, seed: UInt64) throws -> Fate {
    guard graph.isSmall else { return .skipped }
    let bytes: [UInt8]
    do throws(BundleError) {
      bytes = try BundleWriter.serialize(BundleContents(name: "random", random: graph, seed: seed))
    } catch { return .refused }
    let path = try folder.get().write("\(seed).gguf", bytes)
    defer { try? folder.get().remove("\(seed).gguf") }
    let bundle = try Bundle(path: path)
    #expect(bundle.graph == graph)
    return try run(bundle, seed: seed)
  }

  private func run(_ bundle: Bundle, seed: UInt64) throws -> Fate {
    guard let model = try? Model(bundle: bundle) else { return .refused }
    var generator = SeededGenerator(seed: seed)
    let request = RandomRequest(bundle.graph, using: &generator)
    let portable = try Session(model: model, kernels: KernelSet.named("portable"))
    guard let expected = try? request.compute(on: portable) else { return .refused }
    for kernels in KernelSet.available {
      let session = try Session(model: model, threads: Int.random(in: 1...3, using: &generator), kernels: kernels)
      for _ in 0..<2 where try request.compute(on: session) != expected { Issue.record("seed \(seed), \(kernels.name): other bits") }
      if try request.computeJoining(on: session) != expected { Issue.record("seed \(seed), \(kernels.name): other bits where inputs join") }
    }
    return .ran
  }

  /// As many rows of two inputs are not the same rows: a request may bring one input without the other.
  @Test(arguments: [Operation.add, .expertGate]) func rowsThatMayComeApartAreRefused(operation: Operation) throws {
    let rows = Tensor(name: "a", shape: .rows(.fixed(4), 16), dataType: .int16, quantization: .tensor(scale: 1, limit: 9))
    let tensors = ["a", "b", "c"].map { Tensor(name: $0, shape: rows.shape, dataType: rows.dataType, quantization: rows.quantization) }
    let ids = tensors.indices.map { TensorID($0) }
    let graph = try Graph(
      tensors: tensors, nodes: [Node(name: "both", operation: operation, inputs: [ids[0], ids[1]], output: ids[2])],
      segments: [Segment(name: "all", nodes: 0..<1)], inputs: [ids[0], ids[1]], outputs: [ids[2]], limits: Limits(batch: 1, sequence: 1))
    let path = try folder.get().write("apart.gguf", BundleWriter.serialize(BundleContents(name: "apart", random: graph, seed: 1)))
    #expect(throws: InferenceError.differentRows(node: "both")) { try Model(bundle: Bundle(path: path)) }
  }

  @Test func randomGraphsRunAlikeEverywhere() throws {
    var (ran, operations) = (0, Set<String>())
    for seed in 0..<UInt64(scaled(1500)) {
      guard let graph = RandomGraph.make(seed: seed), case .ran = try run(graph, seed: seed) else { continue }
      ran += 1
      operations.formUnion(graph.nodes.map(\.operation.name))
    }
    #expect(ran > scaled(1500) / 5)
    #expect(operations.count >= 20, "\(operations.sorted())")
  }

  @Test func damagedGraphsAreRefusedOrRun() throws {
    var generator = SeededGenerator(seed: 21)
    var fates: [Fate: Int] = [:]
    for seed in 0..<UInt64(scaled(60_000)) {
      guard let sound = RandomGraph.make(seed: seed / 40) else { continue }
      var parts = GraphParts(sound)
      for _ in 0..<Int.random(in: 1...2, using: &generator) { parts.damage(using: &generator) }
      guard let graph = try? parts.graph(), graph != sound else { continue }
      fates[try run(graph, seed: seed), default: 0] += 1
    }
    #expect(fates[.ran, default: 0] > scaled(60_000) / 200, "\(fates)")
  }
}
