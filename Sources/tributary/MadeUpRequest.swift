import BundleFormat
import Device
import Inference
import ModelGraph

/// Inputs for every modality of a model, always the same: tokens all over the vocabulary, and values between −2 and 2.
struct MadeUpRequest {
  private let sequence: Int

  /// With a text of that many tokens, where the model takes text.
  init(_ sequence: Int) { self.sequence = sequence }

  /// Brings the inputs and runs.
  func run(on runner: ModelRunner) throws(CommandError) {
    try failing {() throws(InferenceError) in try load(into: runner) }
    try rerun(on: runner)
  }

  /// Runs again on what is there.
  func rerun(on runner: ModelRunner) throws(CommandError) { try failing { () throws(InferenceError) in try runner.session.run() } }

  private func failing(_ body: () throws(InferenceError) -> Void) throws(CommandError) {
    do throws(InferenceError) { try body() } catch { throw .device(.inference(error)) }
  }

  private func load(into runner: ModelRunner) throws(InferenceError) {
    let graph = runner.bundle.graph
    try runner.session.begin(sequence: sequence)
    for (index, id) in graph.inputs.enumerated() {
      if graph[id].dataType == .int32 {
        let vocabulary = Int32(clamping: max(1, min(1000, runner.bundle.tokenCount)))
        let tokens = (0..<sequence).map { Int32(truncatingIfNeeded: $0) &* 37 % vocabulary }
        try runner.session.load(tokens: tokens.span, input: index)
      } else {
        let values = Self.values(graph[id].shape.elementCount(batch: 1, sequence: sequence) ?? 0)
        try runner.session.load(values: values.span, input: index)
      }
    }
  }

  private static func values(_ count: Int) -> [Float] {
    var state: UInt32 = 1
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 8) / 0x1p22 - 2
    }
  }
}
