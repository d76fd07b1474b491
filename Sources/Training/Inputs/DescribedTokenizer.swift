package import BundleFormat
package import Preprocessing

extension WordPieceTokenizer {
  /// The tokenizer that will be written into a bundle, to tokenise calibration texts as the device will.
  package init(_ description: TokenizerDescription) throws(TokenizerError) {
    var vocabulary = Vocabulary(expectedCount: description.tokens.count)
    for token in description.tokens { try vocabulary.append(token.span) }
    let stored = description.options
    let options = WordPieceOptions(
      lowercase: stored.lowercase, stripAccents: stored.stripAccents, handleChineseCharacters: stored.splitChinese)
    try self.init(vocabulary: vocabulary, options: options)
  }
}

extension BytePairTokenizer {
  /// The same for byte pairs.
  package init(_ description: BytePairDescription) throws(TokenizerError) {
    var vocabulary = Vocabulary(expectedCount: description.tokens.count)
    for token in description.tokens { try vocabulary.append(token.span) }
    var merges = MergeTable(expectedCount: description.merges.count)
    for merge in description.merges { try merges.append(merge.span, vocabulary: vocabulary) }
    try self.init(vocabulary: vocabulary, merges: merges)
  }
}
