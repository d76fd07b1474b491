import AllocationCounter
import BundleFormat
import Foundation
import Inference
import ModelGraph
import TestSupport
import Testing

/// Writes a tiny model, opens it and removes the file.
private func open(_ tiny: TinyModel) throws -> Model {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".gguf").path
  defer { try? FileManager.default.removeItem(atPath: path) }
  try BundleWriter.write(tiny.contents(), to: path)
  return try Model(bundle: Bundle(path: path))
}

private func tokens(_ count: Int, seed: UInt64, vocabulary: Int = 50) -> [Int32] {
  var generator = SeededGenerator(seed: seed)
  return (0..<count).map { _ in Int32.random(in: 0..<Int32(vocabulary), using: &generator) }
}

extension Session {
  fileprivate func embed(_ tokens: [Int32]) throws -> [UInt32] {
    var output = [Float](repeating: .nan, count: model.outputWidth)
    var span = output.mutableSpan
    try run(tokens: tokens.span, output: &span)
    return output.map(\.bitPattern)
  }

  fileprivate func features(_ tokens: [Int32], split: Int) throws -> [UInt8] {
    var features = [UInt8](repeating: 0, count: model.featureByteCount(split: split, sequence: tokens.count))
    var span = features.mutableSpan
    try run(tokens: tokens.span, until: split, features: &span)
    return features
  }

  fileprivate func finish(_ features: [UInt8], split: Int, sequence: Int) throws -> [UInt32] {
    var output = [Float](repeating: .nan, count: model.outputWidth)
    var span = output.mutableSpan
    try run(features: features.span, from: split, sequence: sequence, output: &span)
    return output.map(\.bitPattern)
  }
}

/// Widths and heads that meet every tail of the kernels.
private func shapes() -> [TinyModel] {
  [(22, 1, 37), (24, 2, 100), (32, 4, 64), (50, 5, 17), (96, 3, 130)].map { width, heads, inner in
    var tiny = TinyModel()
    (tiny.width, tiny.heads, tiny.inner) = (width, heads, inner)
    return tiny
  }
}

@Suite struct SessionTests {
  static let lengths = [1, 2, 3, 15, 16, 17, 31, 33, 64, 70]

  @Test func resultsAreUnitVectorsThatDependOnTheInput() throws {
    let session = try Session(model: open(TinyModel()))
    let results = try Self.lengths.map { try session.embed(tokens($0, seed: 3)) }
    for result in results {
      let squares = result.reduce(Float(0)) { $0 + Float(bitPattern: $1) * Float(bitPattern: $1) }
      #expect(abs(squares - 1) < 1e-5)
    }
    #expect(Set(results).count == results.count)
  }

  @Test(arguments: shapes())
  func everyKernelSetAndThreadCountGivesTheSameBits(tiny: TinyModel) throws {
    let model = try open(tiny)
    let portable = try Session(model: model, kernels: KernelSet.named("portable"))
    let others = try KernelSet.available.flatMap { kernels in
      try [1, 2, 3, 5].map { try Session(model: model, threads: $0, kernels: kernels) }
    }
    for length in Self.lengths {
      let tokens = tokens(length, seed: UInt64(length))
      let expected = try portable.embed(tokens)
      for session in others { #expect(try session.embed(tokens) == expected) }
    }
  }

  /// The first columns stay as they are, the others are codes of zero; nothing that is computed here changes.
  @Test func featuresKeepTheFirstColumns() throws {
    let tiny = TinyModel()
    let session = try Session(model: open(tiny))
    let graph = session.model.graph
    let tokens = tokens(5, seed: 8)
    let expected = try session.embed(tokens)
    for split in graph.splitPoints.indices {
      let whole = try session.features(tokens, split: split)
      let tensor = try #require(graph.splitPoints[split].tensors.first)
      session.keptColumns = [tensor: 3]
      let kept = try session.features(tokens, split: split)
      session.keptColumns = [:]
      let width = tiny.width
      let zeros = Array(whole.suffix(5))
      for row in 0..<5 {
        for column in 0..<width {
          #expect(kept[row * width + column] == (column < 3 ? whole[row * width + column] : zeros[row]))
        }
      }
      #expect(kept.suffix(15) == whole.suffix(15))
      #expect(try session.finish(kept, split: split, sequence: 5) != expected)
      #expect(try session.finish(whole, split: split, sequence: 5) == expected)
    }
  }

  @Test(arguments: shapes())
  func everySplitPointGivesTheSameBits(tiny: TinyModel) throws {
    let model = try open(tiny)
    let device = try Session(model: model, kernels: KernelSet.named("portable"))
    let peer = try Session(model: model, threads: 2)
    for length in Self.lengths {
      let tokens = tokens(length, seed: UInt64(length))
      let expected = try device.embed(tokens)
      for split in model.graph.splitPoints.indices {
        let features = try device.features(tokens, split: split)
        #expect(try peer.finish(features, split: split, sequence: length) == expected)
        #expect(try device.finish(features, split: split, sequence: length) == expected)
      }
    }
  }

  @Test func inferenceAllocatesNothing() throws {
    let session = try Session(model: open(TinyModel()))
    var output = [Float](repeating: 0, count: session.model.outputWidth)
    var features = [UInt8](repeating: 0, count: session.model.featureByteCount(split: 1, sequence: 30))
    let tokens = tokens(30, seed: 1)
    func runAll() throws {
      var outputs = output.mutableSpan
      try session.run(tokens: tokens.span, output: &outputs)
      var crossing = features.mutableSpan
      try session.run(tokens: tokens.span, until: 1, features: &crossing)
      try session.run(features: features.span, from: 1, sequence: 30, output: &outputs)
    }
    try runAll()
    let before = allocation_count()
    for _ in 0..<10 { try runAll() }
    #expect(allocation_count() == before)
    #expect(before > 0)
  }

  @Test func refusesBadRequests() throws {
    let session = try Session(model: open(TinyModel()))
    #expect(throws: InferenceError.sequence(0, limit: 70)) { try session.embed([]) }
    #expect(throws: InferenceError.sequence(71, limit: 70)) { try session.embed(tokens(71, seed: 1)) }
    #expect(throws: InferenceError.token(50, vocabulary: 50)) { try session.embed([1, 50]) }
    #expect(throws: InferenceError.token(-1, vocabulary: 50)) { try session.embed([-1]) }
    #expect(throws: InferenceError.byteCount(10, expected: 50)) {
      try session.finish([UInt8](repeating: 1, count: 10), split: 0, sequence: 2)
    }
    #expect(throws: InferenceError.badFeatures(row: 0)) {
      try session.finish([UInt8](repeating: 0, count: 50), split: 0, sequence: 2)
    }
    #expect(throws: InferenceError.self) { try KernelSet.named("abacus") }
  }

  @Test func anyFeaturesGiveFiniteResults() throws {
    let session = try Session(model: open(TinyModel()))
    var generator = SeededGenerator(seed: 9)
    for _ in 0..<500 {
      let sequence = Int.random(in: 1...70, using: &generator)
      let count = session.model.featureByteCount(split: 1, sequence: sequence)
      let extreme = Bool.random(using: &generator)
      let features = (0..<count).map { _ in
        extreme ? UInt8(254 * Int.random(in: 0...1, using: &generator) + 1) : UInt8.random(in: 1...255, using: &generator)
      }
      let result = try session.finish(features, split: 1, sequence: sequence).map(Float.init(bitPattern:))
      #expect(result.allSatisfy { $0.isFinite })
    }
  }

  @Test(arguments: [1, 2])
  func nodesThatRunTakeTime(threads: Int) throws {
    let session = try Session(model: open(TinyModel()), threads: threads)
    let graph = session.model.graph
    let expected = try session.embed(tokens(40, seed: 4))
    var result: [UInt32] = []
    let times = try session.nodeTimes { () throws(any Error) in result = try session.embed(tokens(40, seed: 4)) }
    #expect(result == expected && times.count == graph.nodes.count)
    for (node, time) in zip(graph.nodes, times) {
      if case .activation = node.operation { #expect(time == 0, "fused: \(node.name)") } else { #expect(time > 0, "\(node.name)") }
    }
    // The device's part alone; and only what is done inside counts.
    let part = try session.nodeTimes { () throws(any Error) in _ = try session.features(tokens(40, seed: 4), split: 1) }
    let cut = graph.segments[graph.splitPoints[1].segment].nodes.upperBound
    #expect(part[cut...].allSatisfy { $0 == 0 } && part[..<cut].contains { $0 > 0 })
    _ = try session.embed(tokens(40, seed: 4))
    #expect(session.nodeTimes {} == Array(repeating: 0, count: graph.nodes.count))
  }

  @Test func traceShowsTheNodesThatRun() throws {
    let session = try Session(model: open(TinyModel()))
    let graph = session.model.graph
    var seen: [String: Int] = [:]
    try session.begin(sequence: 5)
    try session.load(tokens: tokens(5, seed: 1).span)
    try session.trace { node, values in seen[graph.nodes[node].name] = values.count }
    #expect(seen["encoder.0.gelu"] == 5 * 37)
    #expect(seen["encoder.0.inner"] == nil)
    #expect(seen["embedding"] == 22)
    #expect(seen.count == graph.nodes.count - 2)
  }
}
