import BundleFormat
import Preprocessing

extension WordPieceTokenizer {
  /// The tokenizer of a bundle, filled straight from its mapping; nil where the bundle has none.
  init?(_ bundle: Bundle) throws(TokenizerError) {
    guard let stored = bundle.tokenizer else { return nil }
    var vocabulary = Vocabulary(expectedCount: bundle.tokenCount)
    try bundle.forEachToken { token throws(TokenizerError) in try vocabulary.append(token) }
    let options = WordPieceOptions(
      lowercase: stored.lowercase, stripAccents: stored.stripAccents, handleChineseCharacters: stored.splitChinese)
    try self.init(vocabulary: vocabulary, options: options)
  }
}
