package import BundleFormat
package import Preprocessing

extension WordPieceTokenizer {
  /// The tokenizer that will be written into a bundle, to tokenise calibration texts as the device will.
  package init(_ description: TokenizerDescription) throws(TokenizerError) {
    var vocabulary = Vocabulary(expectedCount: description.tokens.count)
    for token in description.tokens { try vocabulary.append(token.span) }
    var options = WordPieceOptions()
    options.lowercase = description.options.lowercase
    options.stripAccents = description.options.stripAccents
    options.handleChineseCharacters = description.options.splitChinese
    try self.init(vocabulary: vocabulary, options: options)
  }
}
