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

extension BytePairTokenizer {
  /// The tokenizer of a bundle that has byte pairs, filled straight from its mapping.
  init(_ bundle: Bundle) throws(TokenizerError) {
    var vocabulary = Vocabulary(expectedCount: bundle.tokenCount)
    try bundle.forEachToken { token throws(TokenizerError) in try vocabulary.append(token) }
    var merges = MergeTable(expectedCount: bundle.tokenCount)
    try bundle.forEachMerge { merge throws(TokenizerError) in try merges.append(merge, vocabulary: vocabulary) }
    try self.init(vocabulary: vocabulary, merges: merges)
  }
}
