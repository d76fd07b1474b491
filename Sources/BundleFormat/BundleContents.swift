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
  package var tokenizer: TokenizerDescription?
  package var notes: [Note]

  package init(
    name: String, graph: Graph, parameters: [TensorID: ParameterData], tokenizer: TokenizerDescription? = nil, notes: [Note] = []
  ) {
    self.name = name
    self.graph = graph
    self.parameters = parameters
    self.tokenizer = tokenizer
    self.notes = notes
  }
}
