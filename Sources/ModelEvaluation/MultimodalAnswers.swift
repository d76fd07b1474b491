package import Autograd
package import BundleFormat
import Compression
import Inference
package import ModelGraph
package import Models

/// A model that answers examples: in float as it was trained, or in integers as a device runs it.
package protocol MultimodalAnswers {
  var graph: Graph { get }
  /// How its inputs are made; nil of those that it does not take.
  var image: ImageInput? { get }
  var sound: SoundInput? { get }
  var tokenizer: TokenizerDescription? { get }

  /// The outputs of each example by name, without those that its modalities do not reach.
  mutating func callAsFunction(_ examples: [Example]) throws -> [[String: [Float]]]
}

/// A model in float.
package struct FloatAnswers: MultimodalAnswers {
  private let model: HuggingFaceModel
  private let tape: Tape

  package var graph: Graph { model.graph }
  package var image: ImageInput? { model.image }
  package var sound: SoundInput? { model.sound }
  package var tokenizer: TokenizerDescription? { model.tokenizer }

  package init(_ model: HuggingFaceModel, workers: Workers) throws(InterpreterError) {
    self.model = model
    let program = try Program(model.graph)
    let parameters = program.parameters()
    try parameters.load(model.parameters, of: model.graph)
    tape = Tape(program, parameters: parameters, workers: workers, isTraining: false)
  }

  package func callAsFunction(_ examples: [Example]) throws(InterpreterError) -> [[String: [Float]]] {
    try tape.load(examples)
    tape.forward(isTraining: false)
    var answers = [[String: [Float]]](repeating: [:], count: examples.count)
    for id in graph.outputs {
      guard let rows = tape[id] else { continue }
      let matrix = rows.matrix
      for place in examples.indices {
        for row in rows.layout[place] { answers[place][graph[id].name] = Array(matrix[row: row]) }
      }
    }
    return answers
  }
}

/// A bundle in integers.
package struct BundleAnswers: MultimodalAnswers {
  private let session: Session
  package let image: ImageInput?
  package let sound: SoundInput?
  package let tokenizer: TokenizerDescription?

  package init(path: String, threads: Int) throws {
    let bundle = try Bundle(path: path)
    (image, sound) = (bundle.image, bundle.sound)
    var tokens: [[UInt8]] = []
    try bundle.forEachToken { token throws(BundleError) in tokens.append(token.withUnsafeBytes { Array($0) }) }
    tokenizer = bundle.tokenizer.map { TokenizerDescription(tokens: tokens, options: $0) }
    session = try Session(model: Model(bundle: bundle), threads: threads)
  }

  package var graph: Graph { session.model.graph }

  package func callAsFunction(_ examples: [Example]) throws -> [[String: [Float]]] {
    var answers: [[String: [Float]]] = []
    for example in examples {
      try session.load(example)
      try session.run()
      if session.hasLocalPath { try session.complete(.local) }
      var own: [String: [Float]] = [:]
      for (output, id) in graph.outputs.enumerated() where session.rowCount(output: output) > 0 {
        var values = [Float](repeating: 0, count: session.rowCount(output: output) * (graph[id].shape.width ?? 0))
        var span = values.mutableSpan
        try session.read(output: output, into: &span)
        own[graph[id].name] = values
      }
      answers.append(own)
    }
    return answers
  }
}
