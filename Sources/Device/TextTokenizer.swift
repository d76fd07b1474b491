import BundleFormat
import ModelGraph
import Preprocessing

/// The tokenizer of a bundle, of whichever kind.
enum TextTokenizer {
  case wordPiece(WordPieceTokenizer, maximumTokens: Int)

  /// Nil where the bundle has none.
  init?(_ bundle: Bundle) throws(TokenizerError) {
    guard let options = bundle.tokenizer, let tokenizer = try WordPieceTokenizer(bundle) else { return nil }
    self = .wordPiece(tokenizer, maximumTokens: min(options.maximumTokens, bundle.graph.limits.sequence))
  }

  /// The identifiers of a text, cut to what the model takes.
  func encode(_ text: String) -> [Int32] {
    switch self {
    case .wordPiece(let tokenizer, let maximumTokens): tokenizer.encode(text, maximumTokens: maximumTokens)
    }
  }
}
