import JSONFormat

/// The sizes of a BERT encoder. (Devlin et al. 2018)
package struct BertConfiguration: Hashable, Sendable {
  /// Tokens in the vocabulary.
  package let vocabulary: Int
  /// The width of a token's row.
  package let hidden: Int
  package let layers: Int
  package let heads: Int
  /// Nil where the heads have the rows' width together.
  package let headWidth: Int?
  /// The width between the two products of the feed-forward part.
  package let intermediate: Int
  /// Rows of the position table.
  package let positions: Int
  /// Rows of the token-type table.
  package let tokenTypes: Int
  /// Added to the variance in layer norms.
  package let epsilon: Float

  package init(
    vocabulary: Int, hidden: Int, layers: Int, heads: Int, intermediate: Int, positions: Int, tokenTypes: Int = 2, epsilon: Float = 1e-12,
    headWidth: Int? = nil
  ) {
    self.vocabulary = vocabulary
    self.hidden = hidden
    self.layers = layers
    self.heads = heads
    self.headWidth = headWidth
    self.intermediate = intermediate
    self.positions = positions
    self.tokenTypes = tokenTypes
    self.epsilon = epsilon
  }
}

extension BertConfiguration {
  /// Reads a Hugging Face `config.json`. What the encoder does not compute is refused, not ignored.
  init(_ root: Field) throws(ImportError) {
    try root["hidden_act"].expect(.string("gelu"))
    try root["position_embedding_type"].expect(.string("absolute"))
    try root["is_decoder"].expect(.boolean(false))
    try root["add_cross_attention"].expect(.boolean(false))
    let (hidden, heads) = try root.attentionSizes()
    self.init(
      vocabulary: try root["vocab_size"].integer(1...1 << 22), hidden: hidden,
      layers: try root["num_hidden_layers"].integer(1...256), heads: heads,
      intermediate: try root["intermediate_size"].integer(1...65536),
      positions: try root["max_position_embeddings"].integer(2...65535),
      tokenTypes: try root["type_vocab_size"].integer(1...1024, default: 2),
      epsilon: try root["layer_norm_eps"].epsilon(default: 1e-12))
  }
}
