import Autograd
import BundleFormat
import ModelGraph
import Models
import Training

/// The rows of a text encoder that a stage does not train: each text runs through it once.
final class FrozenTexts {
  private let tape: Tape
  private let rows: TensorID
  private var known: [[Int32]: [Float]] = [:]
  private var elements = 0
  /// What is kept at most: 1 GiB.
  private static let mostElements = 1 << 28
  /// Texts that run at once.
  private static let batch = 64

  /// With the values that the stage begins with.
  init(
    _ description: MultimodalDescription, tokenizer: TokenizerDescription?, _ values: [String: [Float]], workers: Workers
  ) throws(PretrainingError) {
    let part = description.configuration.limited(to: [.text], hasFusion: false, hasLocal: false)
    let model = try MultimodalTraining(description, part: part, tokenizer: tokenizer)
    guard let rows = model.tensors.rows[.text] else { preconditionFailure("a model without texts") }
    let parameters = model.program.parameters()
    parameters.take(values)
    self.rows = rows
    tape = Tape(model.program, parameters: parameters, workers: workers, isTraining: false, watching: [rows])
  }

  /// Runs those texts that are not known yet.
  func learn(_ samples: [PreparedSample]) throws(PretrainingError) {
    if elements > Self.mostElements { (known, elements) = ([:], 0) }
    let texts = Array(Set(samples.compactMap(\.tokens)).filter { known[$0] == nil })
    for start in stride(from: 0, to: texts.count, by: Self.batch) {
      let batch = texts[start..<min(start + Self.batch, texts.count)]
      do throws(InterpreterError) { try tape.load(batch.map { Example(tokens: $0) }) } catch { throw .graph(error) }
      tape.forward(isTraining: false)
      guard let found = tape[rows] else { continue }
      for (place, text) in batch.enumerated() {
        let own = found.layout[place]
        let values = UnsafeBufferPointer(start: found.start + own.lowerBound * found.columns, count: own.count * found.columns)
        known[text] = Array(values)
        elements += values.count
      }
    }
  }

  /// The rows of a text that was learnt since the last `learn`: [tokens, width].
  subscript(_ tokens: [Int32]) -> [Float]? { known[tokens] }
}

/// How samples become examples of a stage's graph.
struct StageInputs {
  private let inputs: ExampleInputs
  private let textRows: TensorID?
  let texts: FrozenTexts?

  /// `texts` are those of a graph that takes rows of texts.
  init(_ graph: Graph, texts: FrozenTexts? = nil) {
    inputs = ExampleInputs(graph)
    textRows = texts == nil ? nil : graph.inputs.first { graph[$0].name == "text.rows.given" }
    self.texts = texts
  }

  /// Texts must have been learnt.
  func example(_ sample: PreparedSample) -> Example {
    var example = inputs.example(sample)
    if let textRows, let texts, let tokens = sample.tokens { example.values[textRows] = texts[tokens] }
    return example
  }
}

extension Stage {
  /// Whether it leaves a text encoder of those parameters as it is, and no task needs more than the encoder's rows.
  func leavesTextEncoder(_ names: [String]) -> Bool {
    let own = names.filter { $0.hasPrefix("text.") && !$0.hasPrefix("text.bottleneck.") && !$0.hasPrefix("text.projection.") }
    let isStill = own.allSatisfy { name in frozen.contains { name.hasPrefix($0) } }
    return !own.isEmpty && isStill && quantization == .afterwards && tasks[.maskedText] == nil && tasks[.caption] == nil
      && !tasks.keys.contains { $0.layers == .text }
  }
}
