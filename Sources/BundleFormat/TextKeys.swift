import ModelGraph

/// What a header says about texts: one tokenizer of either kind, or none.
struct TextKeys {
  private(set) var tokenizer: TokenizerOptions?
  private(set) var bytePair: BytePairOptions?
  private(set) var tokens: GGUFEntry?
  private(set) var merges: GGUFEntry?

  init(_ header: GGUFHeader, _ bytes: Span<UInt8>, _ graph: Graph) throws(BundleError) {
    guard header[TokenizerKeys.model] != nil else { return }
    switch try header.string(TokenizerKeys.model, bytes) {
    case TokenizerKeys.wordPiece: tokenizer = try TokenizerOptions(header, bytes)
    case TokenizerKeys.bytePair: bytePair = try BytePairOptions(header, bytes)
    default: throw header.badValue(TokenizerKeys.model)
    }
    let tokens = try header.texts(TokenizerKeys.tokens)
    guard tokens.count <= graph.smallestTokenTable else {
      throw .wrongCount(field: TokenizerKeys.tokens, expected: graph.smallestTokenTable, found: tokens.count)
    }
    let unfit =
      tokenizer?.unfitKey(vocabulary: tokens.count, limits: graph.limits)
      ?? bytePair?.unfitKey(vocabulary: tokens.count, limits: graph.limits)
    if let unfit { throw header.badValue(unfit) }
    self.tokens = tokens
    if bytePair != nil { merges = try Self.checkedMerges(header, bytes) }
  }

  private static func checkedMerges(_ header: GGUFHeader, _ bytes: Span<UInt8>) throws(BundleError) -> GGUFEntry {
    let merges = try header.texts(TokenizerKeys.merges)
    var cursor = Cursor(at: merges.bytes.lowerBound)
    for number in 0..<merges.count {
      let range = try cursor.string(of: bytes, field: TokenizerKeys.merges)
      guard BytePairDescription.isMerge(bytes.array(range)[...]) else {
        throw .badLine(key: TokenizerKeys.merges, line: number + 1, field: "pair")
      }
    }
    return merges
  }
}
