import BundleFormat
import ModelGraph
import Preprocessing

/// The tokenizer of a bundle, of whichever kind.
enum TextTokenizer {
  case wordPiece(WordPieceTokenizer, maximumTokens: Int)
  case bytePair(BytePairTokenizer, maximumTokens: Int)

  /// Nil where the bundle has none.
  init?(_ bundle: Bundle) throws(TokenizerError) {
    let limit = bundle.graph.limits.sequence
    if let options = bundle.bytePair {
      self = .bytePair(try BytePairTokenizer(bundle), maximumTokens: min(options.maximumTokens, limit))
    } else if let options = bundle.tokenizer, let tokenizer = try WordPieceTokenizer(bundle) {
      self = .wordPiece(tokenizer, maximumTokens: min(options.maximumTokens, limit))
    } else {
      return nil
    }
  }

  /// The identifiers of a text, cut to what the model takes.
  func encode(_ text: String) -> [Int32] {
    switch self {
    case .wordPiece(let tokenizer, let maximumTokens): tokenizer.encode(text, maximumTokens: maximumTokens)
    case .bytePair(let tokenizer, let maximumTokens): tokenizer.encode(text, maximumTokens: maximumTokens)
    }
  }
}
