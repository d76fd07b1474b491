import Autograd
import Inference
import ModelGraph
import TestSupport
import Testing

private let orders = [
  ["image", "sound", "tokens"], ["image", "tokens", "sound"], ["sound", "image", "tokens"], ["sound", "tokens", "image"],
  ["tokens", "image", "sound"], ["tokens", "sound", "image"],
]

/// The main and the local path of a fusion, at once and bit by bit.
@Suite struct PathTests {
  private let quantized: QuantizedSmallModel

  init() throws { quantized = try .named("fusion") }

  private func example(_ seed: UInt64) -> Example { QuantizedSmallModel.example(quantized.small, seed: seed) }

  /// The bits of a path's output in a session of its own that brings those inputs at once.
  private func expected(_ example: Example, _ names: [String], _ path: Segment.Role) throws -> [Float] {
    let session = try Session(model: quantized.model, kernels: KernelSet.named("portable"))
    try session.load(example, without: Set(orders[0]).subtracting(names))
    try session.complete(path)
    return try session.result(path == .main ? 0 : 1)
  }

  @Test func theLocalPathIsNearFloat() throws {
    let session = try Session(model: quantized.model)
    for seed in UInt64(100)..<116 {
      let example = example(seed)
      try session.load(example)
      try session.complete(.local)
      #expect(session.rowCount(output: 0) == 0)
      #expect(cosine(try session.result(1), try quantized.interpreter.run(example)[1].values) > 0.99)
    }
  }

  @Test func aRunReachesTheOutputsOfItsPath() throws {
    let session = try Session(model: quantized.model)
    #expect(session.hasLocalPath)
    try session.load(example(1))
    try session.run()
    #expect(session.rowCount(output: 0) == 1 && session.rowCount(output: 1) == 0)
    try session.complete(.local)
    #expect(session.rowCount(output: 0) == 0 && session.rowCount(output: 1) == 1)
    #expect(try !Session(model: QuantizedSmallModel.named("vision").model).hasLocalPath)
  }

  @Test func everyKernelSetAndThreadCountGivesTheLocalPathTheSameBits() throws {
    for kernels in KernelSet.available {
      for threads in 1...4 {
        let session = try Session(model: quantized.model, threads: threads, kernels: kernels)
        for seed in UInt64(200)..<203 {
          try session.load(example(seed))
          try session.complete(.local)
          #expect(try session.result(1) == expected(example(seed), orders[0], .local))
        }
      }
    }
  }

  /// Whatever ran before: other split points, the whole, the other path.
  @Test func eitherPathGoesOnFromWhatIsThere() throws {
    let session = try Session(model: quantized.model, threads: 2)
    for seed in UInt64(300)..<304 {
      let example = example(seed)
      let main = try expected(example, orders[0], .main)
      let local = try expected(example, orders[0], .local)
      for split in quantized.model.graph.splitPoints.indices {
        for paths in [[Segment.Role.local], [.main], [.local, .main], [.main, .local], [.local, .main, .local, .main]] {
          try session.load(example)
          var features = [UInt8](repeating: 0, count: session.featureByteCount(split: split))
          var span = features.mutableSpan
          try session.run(until: split, features: &span)
          for path in paths {
            try session.complete(path)
            #expect(try session.result(path == .main ? 0 : 1) == (path == .main ? main : local), "split \(split), \(paths)")
          }
        }
      }
    }
  }

  @Test(arguments: orders) func modalitiesThatJoinGiveTheBitsOfAllAtOnce(order: [String]) throws {
    let session = try Session(model: quantized.model, threads: 2)
    for seed in UInt64(400)..<403 {
      let example = example(seed)
      for paths in [[Segment.Role.main], [.local], [.local, .main], [.main, .local]] {
        try session.begin(sequence: example.tokens?.count ?? 1)
        for (place, name) in order.enumerated() {
          try session.join(example, name)
          for path in paths {
            try session.complete(path)
            let whole = try expected(example, Array(order[...place]), path)
            #expect(try session.result(path == .main ? 0 : 1) == whole, "\(paths): \(order[...place])")
          }
        }
      }
    }
  }

  /// One that comes in the middle of a run, and one that comes again.
  @Test(arguments: [0, 1]) func modalitiesMayJoinAnywhere(split: Int) throws {
    let session = try Session(model: quantized.model, threads: 2)
    let (first, second) = (example(500), example(502))
    for order in orders {
      try session.begin(sequence: first.tokens?.count ?? 1)
      for name in order.dropLast() { try session.join(first, name) }
      var features = [UInt8](repeating: 0, count: session.featureByteCount(split: split))
      var span = features.mutableSpan
      try session.run(until: split, features: &span)
      try session.join(first, order[2])
      try session.complete(.main)
      #expect(try session.result() == expected(first, orders[0], .main))
      var mixed = first
      for id in quantized.small.graph.inputs where quantized.small.graph[id].name == "image" { mixed.values[id] = second.values[id] }
      try session.join(mixed, "image")
      try session.complete(.main)
      #expect(try session.result() == expected(mixed, orders[0], .main))
    }
  }
}
