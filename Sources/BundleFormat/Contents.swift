/// A parameter's values, canonical and row-major.
package enum ParameterData: Sendable, Equatable {
  case float32([Float])
  /// [rows, columns], one scale a row.
  case int8Rows(values: [Int8], scales: [Float])
}

/// A WordPiece tokenizer.
package struct TokenizerDescription: Sendable, Equatable {
  package var tokens: [[UInt8]]
  package var lowercase: Bool
  package var stripAccents: Bool
  package var splitChinese: Bool
  package var unknown: Int32
  package var classify: Int32
  package var separate: Int32
  package var pad: Int32
  package var maximumTokens: Int

  package init(
    tokens: [[UInt8]], lowercase: Bool, stripAccents: Bool, splitChinese: Bool, unknown: Int32, classify: Int32, separate: Int32,
    pad: Int32, maximumTokens: Int
  ) {
    self.tokens = tokens
    self.lowercase = lowercase
    self.stripAccents = stripAccents
    self.splitChinese = splitChinese
    self.unknown = unknown
    self.classify = classify
    self.separate = separate
    self.pad = pad
    self.maximumTokens = maximumTokens
  }
}
