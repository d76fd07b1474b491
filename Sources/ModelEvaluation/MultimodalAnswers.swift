package import Autograd
package import BundleFormat
import Compression
import Inference
package import ModelGraph
package import Models
import Wire

/// A model that answers examples: in float as it was trained, or in integers as a device runs it.
package protocol MultimodalAnswers {
  var graph: Graph { get }
  /// How its inputs are made; nil of those that it does not take.
  var image: ImageInput? { get }
  var sound: SoundInput? { get }
  var tokenizer: TokenizerDescription? { get }
  /// What logits are divided by before the softmax that tells confidence.
  var temperature: Float { get }

  /// The outputs of each example by name, without those that its modalities do not reach.
  mutating func callAsFunction(_ examples: [Example]) throws -> [[String: [Float]]]
}

/// What is wrong with a bundle that was to answer.
package struct BundleFailure: Error, CustomStringConvertible {
  let path: String
  let reason: String

  package var description: String { "\(path): \(reason)" }
}

/// A model in float.
package struct FloatAnswers: MultimodalAnswers {
  private let model: HuggingFaceModel
  private let tape: Tape
  /// What is answered, by name.
  private let outputs: [(name: String, tensor: TensorID)]

  package var graph: Graph { model.graph }
  package var image: ImageInput? { model.image }
  package var sound: SoundInput? { model.sound }
  package var tokenizer: TokenizerDescription? { model.tokenizer }
  package var temperature: Float { 1 }

  /// Answers with what those layers make as well.
  package init(_ model: HuggingFaceModel, layers: [LayerOutput] = [], workers: Workers) throws(InterpreterError) {
    self.model = model
    let graph = model.graph
    let inner = layers.compactMap { layer in graph[layer].map { (name: layer.name, tensor: $0) } }
    outputs = graph.outputs.map { (graph[$0].name, $0) } + inner
    let program = try Program(model.graph)
    let parameters = program.parameters()
    try parameters.load(model.parameters, of: model.graph)
    tape = Tape(program, parameters: parameters, workers: workers, isTraining: false, watching: inner.map(\.tensor))
  }

  package func callAsFunction(_ examples: [Example]) throws(InterpreterError) -> [[String: [Float]]] {
    try tape.load(examples)
    tape.forward(isTraining: false)
    var answers = [[String: [Float]]](repeating: [:], count: examples.count)
    for (name, tensor) in outputs {
      guard let rows = tape[tensor] else { continue }
      for place in examples.indices where !rows.layout[place].isEmpty {
        let count = rows.layout[place].count * rows.columns
        answers[place][name] = Array(UnsafeBufferPointer(start: rows.row(rows.layout[place].lowerBound), count: count))
      }
    }
    return answers
  }
}

/// A bundle in integers.
package struct BundleAnswers: MultimodalAnswers {
  private let session: Session
  private let encoder: FeatureEncoder
  /// How much of the features of a split point may stay behind.
  package let ratePoints: RatePoints?
  package let image: ImageInput?
  package let sound: SoundInput?
  package let tokenizer: TokenizerDescription?
  package let temperature: Float

  private let path: String

  package init(path: String, threads: Int) throws {
    self.path = path
    let bundle = try Self.named(path) { try Bundle(path: path) }
    (image, sound) = (bundle.image, bundle.sound)
    temperature = bundle.confidence?.temperature ?? 1
    var tokens: [[UInt8]] = []
    try bundle.forEachToken { token throws(BundleError) in tokens.append(token.withUnsafeBytes { Array($0) }) }
    tokenizer = bundle.tokenizer.map { TokenizerDescription(tokens: tokens, options: $0) }
    ratePoints = bundle.ratePoints
    encoder = FeatureEncoder(dictionary: bundle.featureDictionary)
    session = try Session(model: Model(bundle: bundle), threads: threads)
  }

  package var graph: Graph { session.model.graph }

  package func callAsFunction(_ examples: [Example]) throws -> [[String: [Float]]] {
    try Self.named(path) { try answers(examples) }
  }

  /// Tells the file of what is wrong with a bundle.
  private static func named<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as InferenceError {
      throw BundleFailure(path: path, reason: error.description)
    } catch let error as BundleError {
      if case .file = error { throw error }
      throw BundleFailure(path: path, reason: error.description)
    }
  }

  private func answers(_ examples: [Example]) throws -> [[String: [Float]]] {
    var answers: [[String: [Float]]] = []
    for example in examples {
      try session.load(example)
      try session.run()
      var own = try outputs()
      if session.hasLocalPath {
        try session.complete(.local)
        own.merge(try outputs()) { main, _ in main }
      }
      answers.append(own)
    }
    return answers
  }

  private func outputs() throws -> [String: [Float]] {
    var own: [String: [Float]] = [:]
    for (output, id) in graph.outputs.enumerated() where session.rowCount(output: output) > 0 {
      var values = [Float](repeating: 0, count: session.rowCount(output: output) * (graph[id].shape.width ?? 0))
      var span = values.mutableSpan
      try session.read(output: output, into: &span)
      own[graph[id].name] = values
    }
    return own
  }

  /// Whether there is a split point at which all modalities have crossed.
  package var hasCrossing: Bool { crossing != nil }

  private var crossing: Int? { graph.splitPoints.lastIndex { $0.name.hasSuffix(".rows") } }

  /// The outputs as a peer computes them of what has crossed to the fusion with that share of the bottlenecks' columns, and the bytes that
  /// crossed, compressed.
  package func crossed(_ example: Example, share: Float) throws -> (outputs: [String: [Float]], bytes: Int) {
    guard let crossing else { return ([:], 0) }
    session.keptColumns = share == 1 ? [:] : ratePoints?.columns(share, of: graph) ?? [:]
    try session.load(example)
    var features = [UInt8](repeating: 0, count: session.featureByteCount(split: crossing))
    var span = features.mutableSpan
    try session.run(until: crossing, features: &span)
    let sequence = example.tokens?.count ?? 1
    let present = graph.inputs.indices.reduce(0 as UInt64) { bits, place in
      let id = graph.inputs[place]
      let isThere = graph[id].dataType == .int32 ? example.tokens != nil : example.values[id] != nil
      return isThere ? bits | 1 << UInt64(place) : bits
    }
    try session.run(features: features.span, from: crossing, sequence: sequence, present: present)
    return (try outputs(), encoder.encode(features).bytes.count)
  }

  /// Milliseconds from inputs to all outputs.
  package func milliseconds(_ example: Example) throws -> Double {
    let start = ContinuousClock.now
    try session.load(example)
    try session.run()
    return (ContinuousClock.now - start) / .milliseconds(1)
  }
}
