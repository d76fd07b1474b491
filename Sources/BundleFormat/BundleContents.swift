package import ModelGraph

/// The values of a parameter, before they are packed.
package enum ParameterData: Sendable, Equatable {
  /// Row-major.
  case float32([Float])
  /// [rows, columns] row-major, in [−127, 127], and one scale a row, 2^-64 to 2^64.
  case int8Rows(values: [Int8], scales: [Float])
}

/// A remark that travels with a bundle and that nothing depends on.
package struct Note: Sendable, Equatable {
  /// `general.…` (such as `general.license`, `general.source.url`) or `tributary.note.…`; ASCII.
  package let key: String
  package let text: String

  package init(key: String, text: String) {
    self.key = key
    self.text = text
  }
}

/// All that a bundle is written from.
package struct BundleContents: Sendable {
  package var name: String
  package var graph: Graph
  /// One entry for each of `graph.parameters`.
  package var parameters: [TensorID: ParameterData]
  /// For texts: one of the two at most.
  package var tokenizer: TokenizerDescription?
  package var bytePair: BytePairDescription?
  /// For pictures.
  package var image: ImageInput?
  /// For sounds.
  package var sound: SoundInput?
  /// What the numbers of an output stand for; empty where nothing tells.
  package var labels: [String]
  /// What makes a confidence of answers.
  package var confidence: Confidence?
  /// How much of the features may stay behind.
  package var ratePoints: RatePoints?
  /// A zstd dictionary for the features at split points; empty for none.
  package var featureDictionary: [UInt8]
  package var notes: [Note]

  package init(
    name: String, graph: Graph, parameters: [TensorID: ParameterData], tokenizer: TokenizerDescription? = nil,
    bytePair: BytePairDescription? = nil, image: ImageInput? = nil, sound: SoundInput? = nil, labels: [String] = [],
    confidence: Confidence? = nil, ratePoints: RatePoints? = nil, featureDictionary: [UInt8] = [], notes: [Note] = []
  ) {
    self.name = name
    self.graph = graph
    self.parameters = parameters
    self.tokenizer = tokenizer
    self.bytePair = bytePair
    self.image = image
    self.sound = sound
    self.labels = labels
    self.confidence = confidence
    self.ratePoints = ratePoints
    self.featureDictionary = featureDictionary
    self.notes = notes
  }
}

extension BundleContents {
  /// The first key about requests and results whose value is out of range or does not fit the graph.
  var unfitKey: String? {
    guard tokenizer == nil || bytePair == nil else { return TokenizerKeys.model }
    guard tokenizer?.tokens.count ?? bytePair?.tokens.count ?? 0 <= graph.smallestTokenTable else { return TokenizerKeys.tokens }
    guard bytePair?.merges.allSatisfy({ BytePairDescription.isMerge($0[...]) }) ?? true else { return TokenizerKeys.merges }
    guard labels.isEmpty || graph.hasOutput(width: labels.count) else { return BundleKeys.labels }
    guard featureDictionary.count <= BundleKeys.longestDictionary else { return BundleKeys.featureDictionary }
    return tokenizer.flatMap { $0.options.unfitKey(vocabulary: $0.tokens.count, limits: graph.limits) }
      ?? bytePair.flatMap { $0.options.unfitKey(vocabulary: $0.tokens.count, limits: graph.limits) }
      ?? image?.unfitKey(graph) ?? sound?.unfitKey(graph) ?? confidence?.unfitKey ?? ratePoints?.unfitKey(graph)
  }
}

extension Graph {
  func hasInput(_ shape: Shape) -> Bool { inputs.contains { self[$0].shape == shape } }

  func hasOutput(width: Int) -> Bool { outputs.contains { self[$0].shape.width == width } }

  /// The rows of the smallest table of tokens: a vocabulary must not be larger.
  var smallestTokenTable: Int {
    var smallest = Int.max
    for node in nodes where node.operation == .embedding {
      for case .fixed(let rows)? in [self[node.parameters[0]].shape.dimensions.first] { smallest = min(smallest, rows) }
    }
    return smallest
  }
}
