import BundleFormat
import Device
import Inference
import ModelGraph

/// Inputs for every modality of a model, always the same: tokens all over the vocabulary, and values between −2 and 2.
struct MadeUpRequest {
  private enum Input {
    case tokens([Int32])
    case values([Float])
  }

  private let sequence: Int
  private let inputs: [Input]

  /// With a text of that many tokens, where the model takes text.
  init(_ sequence: Int, for runner: ModelRunner) {
    self.sequence = sequence
    let graph = runner.bundle.graph
    let vocabulary = Int32(clamping: max(1, min(1000, runner.bundle.tokenCount)))
    inputs = graph.inputs.map { id in
      graph[id].dataType == .int32
        ? .tokens((0..<sequence).map { Int32(truncatingIfNeeded: $0) &* 37 % vocabulary })
        : .values(Self.values(graph[id].shape.elementCount(batch: 1, sequence: sequence) ?? 0))
    }
  }

  /// Brings the inputs.
  func load(into runner: ModelRunner) throws(CommandError) {
    do throws(InferenceError) {
      try runner.session.begin(sequence: sequence)
      for (index, input) in inputs.enumerated() {
        switch input {
        case .tokens(let tokens): try runner.session.load(tokens: tokens.span, input: index)
        case .values(let values): try runner.session.load(values: values.span, input: index)
        }
      }
    } catch { throw .device(.inference(error)) }
  }

  /// Runs what was brought.
  func run(on runner: ModelRunner) throws(CommandError) {
    do throws(InferenceError) { try runner.session.run() } catch { throw .device(.inference(error)) }
  }

  private static func values(_ count: Int) -> [Float] {
    var state: UInt32 = 1
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 8) / 0x1p22 - 2
    }
  }
}
