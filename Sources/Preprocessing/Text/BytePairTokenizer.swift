/// The byte-pair tokenizer of CLIP's text models: `CLIPTokenizer` of Hugging Face `transformers`, token for token.
///
/// A token of the vocabulary is written as such tokenizers do: each byte as a visible character (`byteCharacters`), `</w>` at the end of
/// a word.
package struct BytePairTokenizer: Sendable {
  package static let startToken = "<|startoftext|>"
  package static let endToken = "<|endoftext|>"
  /// What CLIP's text models read at most.
  package static let usualLimit = 77

  package let vocabulary: Vocabulary
  private let merges: MergeTable
  private let start: Int32
  private let end: Int32
  private let specials: SpecialTokens
  /// The token of each byte inside a word, and at its end. Where the vocabulary has none it is the end token.
  private let inner: [Int32]
  private let last: [Int32]

  package init(vocabulary: Vocabulary, merges: MergeTable) throws(TokenizerError) {
    guard let start = vocabulary.number(of: Array(Self.startToken.utf8).span) else { throw .missingToken(Self.startToken) }
    guard let end = vocabulary.number(of: Array(Self.endToken.utf8).span) else { throw .missingToken(Self.endToken) }
    self.vocabulary = vocabulary
    self.merges = merges
    (self.start, self.end) = (start, end)
    specials = try SpecialTokens([Self.startToken, Self.endToken], vocabulary: vocabulary)
    inner = Self.byteCharacters.map { Self.number(of: $0, suffix: "", vocabulary) ?? end }
    last = Self.byteCharacters.map { Self.number(of: $0, suffix: "</w>", vocabulary) ?? end }
  }

  /// How each byte is written in a token: bytes with a visible character of Latin-1 as that, the others from U+0100 on, in their order.
  static let byteCharacters: [UInt32] = {
    var next: UInt32 = 0x100
    return (0..<256).map { (byte: UInt32) in
      if 0x21...0x7E ~= byte || 0xA1...0xAC ~= byte || 0xAE...0xFF ~= byte { return byte }
      next += 1
      return next - 1
    }
  }()

  private static func number(of character: UInt32, suffix: String, _ vocabulary: Vocabulary) -> Int32? {
    var token: [UInt8] = []
    token.append(utf8: character)
    token += suffix.utf8
    return vocabulary.number(of: token.span)
  }

  /// Cuts a text into tokens. Takes time proportional to n log n for the length of the text.
  ///
  /// - Parameters:
  ///   - text: UTF-8. Bytes that are not UTF-8 count as U+FFFD, once for each maximal subpart of an ill-formed sequence.
  ///   - maximumTokens: How many tokens to give at most, start and end included; tokens of the text are left off at its end. Counts as 2
  ///     where it is less.
  /// - Returns: The numbers of the tokens, the start token first and the end token last.
  package func encode(_ text: Span<UInt8>, maximumTokens: Int = usualLimit) -> [Int32] {
    var tokens = [start]
    let limit = max(maximumTokens, 2) - 1
    var (reader, merger, piece) = (PieceReader(), PairMerger(), [UInt8]())
    var position = 0
    while position < text.count, tokens.count < limit {
      let special = specials.first(in: text, from: position)
      reader.begin(text, position..<(special?.range.lowerBound ?? text.count))
      while tokens.count < limit, reader.next(into: &piece) { append(piece, to: &tokens, &merger) }
      if let special { tokens.append(special.number) }
      position = special?.range.upperBound ?? text.count
    }
    tokens.removeLast(max(0, tokens.count - limit))
    return tokens + [end]
  }

  /// The numbers of the tokens of a string, as for its UTF-8.
  package func encode(_ text: String, maximumTokens: Int = usualLimit) -> [Int32] {
    encode(Array(text.utf8).span, maximumTokens: maximumTokens)
  }

  private func append(_ piece: [UInt8], to tokens: inout [Int32], _ merger: inout PairMerger) {
    merger.begin()
    for byte in piece.dropLast() { merger.append(inner[Int(byte)]) }
    if let byte = piece.last { merger.append(last[Int(byte)]) }
    merger.merge(with: merges) { tokens.append($0) }
  }
}
