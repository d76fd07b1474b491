import Autograd
import Inference
import ModelGraph
import TestSupport
import Testing

/// Batches of requests with any of a model's modalities, at each of its split points.
@Suite struct BatchTests {
  private static let capacity = 6

  /// What crosses a split point on an example without some of its inputs, and the answer; nil where nothing crosses.
  private func request(
    _ session: Session, _ small: SmallModel, split: Int, seed: UInt64
  ) throws -> (features: SplitFeatures, answer: [Float])? {
    var generator = SeededGenerator(seed: seed)
    let example = QuantizedSmallModel.example(small, seed: seed)
    let names = small.graph.inputs.map { small.graph[$0].name }
    let absent = names.count == 1 ? [] : names.filter { _ in Int.random(in: 0..<3, using: &generator) == 0 }
    try session.load(example, without: Set(absent))
    var features = [UInt8](repeating: 0, count: session.featureByteCount(split: split))
    guard !features.isEmpty else { return nil }
    var span = features.mutableSpan
    try session.run(until: split, features: &span)
    try session.complete(.main)
    let present = names.indices.reduce(UInt64(0)) { absent.contains(names[$1]) ? $0 : $0 | 1 << UInt64($1) }
    return (SplitFeatures(features: features, sequence: example.tokens?.count ?? 1, present: present), try session.result())
  }

  @Test(arguments: SmallModel.all.map(\.name), [1, 2])
  func requestsOfABatchHaveTheBitsThatEachHasAlone(name: String, threads: Int) throws {
    let quantized = try QuantizedSmallModel.named(name)
    let device = try Session(model: quantized.model, kernels: KernelSet.named("portable"))
    let sessions = try KernelSet.available.map {
      try Session(model: quantized.model, threads: threads, kernels: $0, batch: Self.capacity)
    }
    for split in quantized.model.graph.splitPoints.indices {
      for batch in UInt64(0)..<3 {
        let requests = try (0..<Self.capacity).compactMap {
          try request(device, quantized.small, split: split, seed: batch * 10 + UInt64($0))
        }
        for session in sessions {
          try session.run(requests.map(\.features), from: split)
          for (item, request) in requests.enumerated() { #expect(try session.result(item: item) == request.answer) }
        }
      }
    }
  }
}
