/// What a WordPiece tokenizer does with text. The defaults are those of the uncased BERT models.
package struct WordPieceOptions: Sendable, Equatable {
  package static let maximumWordLimit = 1000

  package var lowercase: Bool
  /// Decomposes canonically and drops non-spacing marks. (Where a `tokenizer.json` says null: the same as `lowercase`.)
  package var stripAccents: Bool
  /// Makes each CJK ideograph a word.
  package var handleChineseCharacters: Bool
  /// A word of more characters, counted after normalisation, is one unknown token: 1 to `maximumWordLimit`.
  package var maximumCharactersPerWord = 100
  /// Tokens recognised where they stand literally in the text, before anything else is done with it, if the vocabulary has them.
  package var specialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

  package init(lowercase: Bool = true, stripAccents: Bool = true, handleChineseCharacters: Bool = true) {
    self.lowercase = lowercase
    self.stripAccents = stripAccents
    self.handleChineseCharacters = handleChineseCharacters
  }
}

/// The WordPiece tokenizer of BERT models: `BertNormalizer` (with clean_text), `BertPreTokenizer`, `WordPiece` and the template
/// `[CLS] … [SEP]` of Hugging Face `tokenizers`, token for token.
package struct WordPieceTokenizer: Sendable {
  package let vocabulary: Vocabulary
  package let options: WordPieceOptions
  private let unknown: Int32
  private let start: Int32
  private let end: Int32
  private let specials: SpecialTokens
  /// What each text is read with a copy of.
  private let reader: WordReader

  package init(vocabulary: Vocabulary, options: WordPieceOptions = WordPieceOptions()) throws(TokenizerError) {
    guard 1...WordPieceOptions.maximumWordLimit ~= options.maximumCharactersPerWord else {
      throw .badWordLimit(options.maximumCharactersPerWord, limit: WordPieceOptions.maximumWordLimit)
    }
    self.vocabulary = vocabulary
    self.options = options
    unknown = try vocabulary.required("[UNK]")
    start = try vocabulary.required("[CLS]")
    end = try vocabulary.required("[SEP]")
    specials = try SpecialTokens(options.specialTokens, vocabulary: vocabulary)
    reader = WordReader(options: options)
  }

  /// Cuts a text into tokens. Takes time proportional to the length of the text, less where the limit is reached early.
  ///
  /// - Parameters:
  ///   - text: UTF-8. Bytes that are not UTF-8 count as U+FFFD, which the normaliser removes.
  ///   - maximumTokens: How many tokens to give at most, `[CLS]` and `[SEP]` included; tokens of the text are left off at its end.
  ///     Counts as 2 where it is less.
  /// - Returns: The numbers of the tokens, `[CLS]` first and `[SEP]` last.
  package func encode(_ text: Span<UInt8>, maximumTokens: Int) -> [Int32] {
    var tokens = [start]
    let limit = max(maximumTokens, 2) - 1
    var reader = reader
    var position = 0
    while position < text.count, tokens.count < limit {
      let special = specials.first(in: text, from: position)
      reader.begin(position..<(special?.range.lowerBound ?? text.count))
      while tokens.count < limit, reader.next(in: text) { appendPieces(of: reader, to: &tokens) }
      if let special { tokens.append(special.number) }
      position = special?.range.upperBound ?? text.count
    }
    tokens.removeLast(max(0, tokens.count - limit))
    return tokens + [end]
  }

  /// The numbers of the tokens of a string, as for its UTF-8.
  package func encode(_ text: String, maximumTokens: Int) -> [Int32] {
    encode(Array(text.utf8).span, maximumTokens: maximumTokens)
  }

  /// Appends the longest pieces of a word, left to right, or the unknown token where some part of it is no piece.
  private func appendPieces(of reader: WordReader, to tokens: inout [Int32]) {
    let before = tokens.count
    var position = reader.isTooLong ? reader.word.count + 1 : 0
    while position < reader.word.count {
      guard let match = vocabulary.longestMatch(in: reader.word.span, from: position) else { break }
      tokens.append(match.number)
      position = match.end
    }
    if position != reader.word.count {
      tokens.removeLast(tokens.count - before)
      tokens.append(unknown)
    }
  }
}

extension Vocabulary {
  fileprivate func required(_ token: String) throws(TokenizerError) -> Int32 {
    guard let number = number(of: Array(token.utf8).span) else { throw .missingToken(token) }
    return number
  }
}
