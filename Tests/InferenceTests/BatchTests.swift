import BundleFormat
import Inference
import ModelGraph
import TestSupport
import Testing

/// A model from a graph, written and opened again.
private func open(_ contents: BundleContents) throws -> Model {
  let folder = try TemporaryDirectory()
  return try Model(bundle: Bundle(path: folder.write("model.gguf", BundleWriter.serialize(contents))))
}

extension Session {
  /// The bits of all outputs of a request of the last run.
  fileprivate func outputs(item: Int) throws -> [[UInt32]] {
    try model.graph.outputs.indices.map { index in
      let width = model.graph[model.graph.outputs[index]].shape.width ?? 0
      var values = [Float](repeating: .nan, count: rowCount(output: index, item: item) * width)
      var span = values.mutableSpan
      try read(output: index, item: item, into: &span)
      return values.map(\.bitPattern)
    }
  }
}

extension RandomRequest {
  /// What crosses a split point on this request; nil where nothing does.
  fileprivate func features(on session: Session, split: Int) throws -> SplitFeatures? {
    try bring(to: session)
    var features = [UInt8](repeating: 0, count: session.featureByteCount(split: split))
    guard !features.isEmpty else { return nil }
    var span = features.mutableSpan
    try session.run(until: split, features: &span)
    return SplitFeatures(features: features, sequence: sequence, present: present)
  }
}

/// Requests of any lengths and modalities, run together, must have the bits that each has alone.
@Suite struct BatchTests {
  private static let capacity = 5

  /// Compares batches by chance at each split point; returns how many requests took part.
  private func compare(_ model: Model, seed: UInt64) throws -> Int {
    var generator = SeededGenerator(seed: seed)
    let device = try Session(model: model, kernels: KernelSet.named("portable"))
    var compared = 0
    for split in model.graph.splitPoints.indices {
      let count = Int.random(in: 2...Self.capacity, using: &generator)
      let wholes = (0..<count).map { _ in RandomRequest(model.graph, using: &generator) }
      let parts = try wholes.map { ($0, try $0.features(on: device, split: split)) }.filter { $1 != nil }
      let requests = parts.compactMap { $1 }
      guard !requests.isEmpty else { continue }
      let expected = try parts.map { try $0.0.compute(on: device) }
      for kernels in KernelSet.available {
        for threads in 1...2 {
          let session = try Session(model: model, threads: threads, kernels: kernels, batch: Self.capacity)
          for _ in 0..<2 {
            try session.run(requests, from: split)
            let found = try requests.indices.map { try session.outputs(item: $0) }
            if found != expected { Issue.record("seed \(seed), split \(split), \(kernels.name), \(threads) threads: other bits") }
          }
          let first = requests[0]
          try session.run(features: first.features.span, from: split, sequence: first.sequence, present: first.present)
          #expect(try session.outputs(item: 0) == expected[0])
        }
      }
      compared += requests.count
    }
    return compared
  }

  @Test func batchesOfRandomGraphsHaveTheBitsOfEachRequest() throws {
    var (compared, operations) = (0, Set<String>())
    for seed in 0..<UInt64(scaled(120)) {
      guard let graph = RandomGraph.make(seed: seed, isSplit: true), graph.isSmall,
        let model = try? open(BundleContents(name: "random", random: graph, seed: seed))
      else { continue }
      let requests = try compare(model, seed: seed)
      guard requests > 0 else { continue }
      compared += requests
      operations.formUnion(graph.nodes.map(\.operation.name))
    }
    #expect(compared > scaled(120), "\(compared)")
    #expect(operations.count >= 20, "\(operations.sorted())")
  }

  @Test func batchesOfATextEncoderHaveTheBitsOfEachRequest() throws {
    let model = try open(TinyModel().contents())
    for seed in 0..<8 { #expect(try compare(model, seed: UInt64(seed)) >= 2 * model.graph.splitPoints.count) }
  }

  @Test func badBatchesAreRefused() throws {
    let model = try open(TinyModel().contents())
    let session = try Session(model: model, batch: 2)
    let good = SplitFeatures(features: [UInt8](repeating: 1, count: 50), sequence: 2)
    let bad = SplitFeatures(features: [UInt8](repeating: 0, count: 50), sequence: 2)
    let long = SplitFeatures(features: [UInt8](repeating: 1, count: 50), sequence: 71)
    try session.run([good, good], from: 0)
    #expect(throws: InferenceError.batch(0, limit: 2)) { try session.run([], from: 0) }
    #expect(throws: InferenceError.batch(3, limit: 2)) { try session.run([good, good, good], from: 0) }
    #expect(throws: InferenceError.badFeatures(row: 0)) { try session.run([good, bad], from: 0) }
    #expect(throws: InferenceError.sequence(71, limit: 70)) { try session.run([long], from: 0) }
    #expect(throws: InferenceError.byteCount(50, expected: 75)) { try model.check(good.features.span, split: 0, sequence: 3) }
  }
}
