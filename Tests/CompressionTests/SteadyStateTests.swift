import AllocationCounter
import Autograd
import Inference
import ModelGraph
import SystemCallGuard
import TestSupport
import Testing

/// A session with everything at hand that a request takes.
private final class Repetition {
  private let session: Session
  private let tokens: [Int32]?
  private let values: [(input: Int, values: [Float])]
  private let result: UnsafeMutableBufferPointer<Float>

  init(_ quantized: QuantizedSmallModel, threads: Int, without absent: Set<String>) throws {
    let graph = quantized.model.graph
    session = try Session(model: quantized.model, threads: threads)
    let example = QuantizedSmallModel.example(quantized.small, seed: 3)
    tokens = absent.contains("tokens") ? nil : example.tokens
    values = graph.inputs.enumerated().compactMap { index, id in
      absent.contains(graph[id].name) ? nil : example.values[id].map { (index, $0) }
    }
    result = .allocate(capacity: quantized.model.outputWidth)
    result.initialize(repeating: 0)
    try run()
  }

  func run() throws(InferenceError) {
    try session.begin(sequence: tokens?.count ?? 1)
    if let tokens, let input = session.model.graph.inputs.firstIndex(where: { session.model.graph[$0].dataType == .int32 }) {
      try session.load(tokens: tokens.span, input: input)
    }
    for index in values.indices {
      let (input, values) = values[index]
      try session.load(values: values.span, input: input)
    }
    try session.run()
    var span = result.mutableSpan
    try session.read(output: 0, into: &span)
  }

  deinit { result.deallocate() }
}

/// What an inference may ask of the system once it has run before.
@Suite struct SteadyStateTests {
  /// A model and the inputs that are left out.
  static let requests: [(String, Set<String>)] = [
    ("convolutional", []), ("vision", []), ("sound", []), ("fusion", []), ("fusion", ["image", "sound"]),
  ]

  @Test(arguments: requests) func inferenceAllocatesNothing(model: String, absent: Set<String>) throws {
    let repetition = try Repetition(QuantizedSmallModel.named(model), threads: 1, without: absent)
    let before = allocation_count()
    for _ in 0..<10 { try repetition.run() }
    #expect(allocation_count() == before)
    #expect(before > 0)
  }

  /// The child stays on one processor: where a caller moves to another one, its workers follow, which takes a call each.
  @Test(arguments: requests, [1, 3]) func inferenceMakesNoSystemCallsButFutexes(request: (String, Set<String>), threads: Int) throws {
    let quantized = try QuantizedSmallModel.named(request.0)
    let child = guard_fork()
    if child == 0 {
      guard let repetition = try? Repetition(quantized, threads: threads, without: request.1) else { guard_end() }
      guard_stay()
      for _ in 0..<3 { try? repetition.run() }
      guard_close()
      for _ in 0..<100 { try? repetition.run() }
      guard_end()
    }
    let call = guard_wait(child)
    #expect(call == 0, "system call \(call)")
  }

  @Test func theGuardCatchesACall() {
    let child = guard_fork()
    if child == 0 {
      guard_close()
      guard_stay()
      guard_end()
    }
    #expect(guard_wait(child) > 0)
  }
}
