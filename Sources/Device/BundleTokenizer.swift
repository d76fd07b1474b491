import BundleFormat
import Preprocessing

extension WordPieceTokenizer {
  /// The tokenizer of a bundle, filled straight from its mapping; nil where the bundle has none.
  init?(_ bundle: Bundle) throws(TokenizerError) {
    guard let stored = bundle.tokenizer else { return nil }
    var vocabulary = Vocabulary(expectedCount: bundle.tokenCount)
    var failure: TokenizerError?
    bundle.forEachToken { token in
      guard failure == nil else { return }
      do throws(TokenizerError) {
        try vocabulary.append(token)
      } catch { failure = error }
    }
    if let failure { throw failure }
    var options = WordPieceOptions()
    options.lowercase = stored.lowercase
    options.stripAccents = stored.stripAccents
    options.handleChineseCharacters = stored.splitChinese
    try self.init(vocabulary: vocabulary, options: options)
  }
}
