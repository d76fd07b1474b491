import ModelGraph

/// How text becomes token identifiers, besides the vocabulary. (WordPiece: Wu et al. 2016; BERT: Devlin et al. 2018)
package struct TokenizerOptions: Sendable, Equatable {
  package var lowercase: Bool
  package var stripAccents: Bool
  /// Whether each Chinese character is a word.
  package var splitChinese: Bool
  /// Identifiers of [UNK], [CLS], [SEP] and [PAD].
  package var unknown: Int32
  package var classify: Int32
  package var separate: Int32
  package var pad: Int32
  /// The longest sequence, with the special tokens; longer ones are cut. At least 2.
  package var maximumTokens: Int

  package init(
    lowercase: Bool, stripAccents: Bool, splitChinese: Bool, unknown: Int32, classify: Int32, separate: Int32, pad: Int32,
    maximumTokens: Int
  ) {
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

/// A WordPiece tokenizer, to be written.
package struct TokenizerDescription: Sendable, Equatable {
  /// The place is the identifier; UTF-8, word continuations start with `##`.
  package var tokens: [[UInt8]]
  package var options: TokenizerOptions

  package init(tokens: [[UInt8]], options: TokenizerOptions) {
    self.tokens = tokens
    self.options = options
  }

  package init(
    tokens: [[UInt8]], lowercase: Bool, stripAccents: Bool, splitChinese: Bool, unknown: Int32, classify: Int32, separate: Int32,
    pad: Int32, maximumTokens: Int
  ) {
    self.init(
      tokens: tokens,
      options: TokenizerOptions(
        lowercase: lowercase, stripAccents: stripAccents, splitChinese: splitChinese, unknown: unknown, classify: classify,
        separate: separate, pad: pad, maximumTokens: maximumTokens))
  }
}

/// The keys of the tokenizer. Names of `tokenizer.ggml` are the established ones, "seperator" included.
package enum TokenizerKeys {
  package static let model = "tokenizer.ggml.model"
  /// The established name of WordPiece.
  package static let wordPiece = "bert"
  package static let tokens = "tokenizer.ggml.tokens"
  package static let unknown = "tokenizer.ggml.unknown_token_id"
  package static let classify = "tokenizer.ggml.bos_token_id"
  package static let separate = "tokenizer.ggml.seperator_token_id"
  package static let pad = "tokenizer.ggml.padding_token_id"
  package static let lowercase = "tributary.tokenizer.lowercase"
  package static let stripAccents = "tributary.tokenizer.strip_accents"
  package static let splitChinese = "tributary.tokenizer.split_chinese"
  package static let maximumTokens = "tributary.tokenizer.maximum_tokens"
}

extension TokenizerOptions {
  init(_ header: GGUFHeader, _ bytes: Span<UInt8>) throws(BundleError) {
    func identifier(_ key: String) throws(BundleError) -> Int32 { Int32(bitPattern: try header.uint32(key, bytes)) }
    self.init(
      lowercase: try header.bool(TokenizerKeys.lowercase, bytes),
      stripAccents: try header.bool(TokenizerKeys.stripAccents, bytes),
      splitChinese: try header.bool(TokenizerKeys.splitChinese, bytes),
      unknown: try identifier(TokenizerKeys.unknown), classify: try identifier(TokenizerKeys.classify),
      separate: try identifier(TokenizerKeys.separate), pad: try identifier(TokenizerKeys.pad),
      maximumTokens: try header.size(TokenizerKeys.maximumTokens, bytes))
  }

  /// The key whose value does not fit a vocabulary of that size or the graph's limits.
  func unfitKey(vocabulary: Int, limits: Limits) -> String? {
    let identifiers = [
      (TokenizerKeys.unknown, unknown), (TokenizerKeys.classify, classify), (TokenizerKeys.separate, separate), (TokenizerKeys.pad, pad),
    ]
    for (key, identifier) in identifiers where identifier < 0 || Int(identifier) >= vocabulary { return key }
    return (2...max(2, limits.sequence)).contains(maximumTokens) ? nil : TokenizerKeys.maximumTokens
  }
}

extension TokenizerDescription {
  func add(to encoder: inout GGUFEncoder) {
    encoder.add(TokenizerKeys.model, TokenizerKeys.wordPiece)
    encoder.add(TokenizerKeys.tokens, texts: tokens)
    encoder.add(TokenizerKeys.unknown, UInt32(bitPattern: options.unknown))
    encoder.add(TokenizerKeys.classify, UInt32(bitPattern: options.classify))
    encoder.add(TokenizerKeys.separate, UInt32(bitPattern: options.separate))
    encoder.add(TokenizerKeys.pad, UInt32(bitPattern: options.pad))
    encoder.add(TokenizerKeys.lowercase, options.lowercase)
    encoder.add(TokenizerKeys.stripAccents, options.stripAccents)
    encoder.add(TokenizerKeys.splitChinese, options.splitChinese)
    encoder.add(TokenizerKeys.maximumTokens, UInt32(options.maximumTokens))
  }
}
