/// Why a vocabulary or a tokenizer was refused.
package enum TokenizerError: Error, Equatable {
  case duplicateToken(index: Int, first: Int)
  case tooManyTokens(limit: Int)
  case tokenTooLong(index: Int, bytes: Int, limit: Int)
  case vocabularyTooLarge(index: Int, limit: Int)
  /// So many tokens share a hash that looking one up would be slow: no real vocabulary does.
  case collidingTokens(index: Int)
  case missingToken(String)
  case badWordLimit(Int, limit: Int)
  case specialTokensTooLarge(bytes: Int, limit: Int)
  /// Not two tokens with a space between that are one token together, or given before.
  case badMerge(index: Int)
  case tooManyMerges(limit: Int)
  /// As `collidingTokens`, for the pairs of the merges.
  case collidingMerges(index: Int)
}

extension TokenizerError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .duplicateToken(let index, let first): "token \(index) of the vocabulary is the same as token \(first): remove one"
    case .tooManyTokens(let limit): "the vocabulary has more than the \(limit) tokens allowed"
    case .tokenTooLong(let index, let bytes, let limit):
      "token \(index) of the vocabulary has \(bytes) bytes, more than the \(limit) allowed"
    case .vocabularyTooLarge(let index, let limit): "the vocabulary passes the \(limit) bytes allowed at token \(index)"
    case .collidingTokens(let index): "token \(index) collides with too many tokens before it: the vocabulary was made to be slow"
    case .missingToken(let token): "the vocabulary lacks the token '\(token)', which such a tokenizer needs"
    case .badWordLimit(let found, let limit): "\(found) characters a word are not possible: give 1 to \(limit)"
    case .specialTokensTooLarge(let bytes, let limit): "the special tokens have \(bytes) bytes together, more than the \(limit) allowed"
    case .badMerge(let index): "merge \(index) is not 'A B' with tokens A, B and AB of the vocabulary, or is given twice"
    case .tooManyMerges(let limit): "there are more than the \(limit) merges allowed"
    case .collidingMerges(let index): "merge \(index) collides with too many merges before it: they were made to be slow"
    }
  }
}
