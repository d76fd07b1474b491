/// Tokens that stand for themselves wherever they occur in a text.
struct SpecialTokens: Sendable {
  /// The bytes of all of them together, which bounds the time for each byte of a text.
  static let maximumBytes = 4096

  /// Longest first, so that the longest wins where several begin at one place.
  private let tokens: [(bytes: [UInt8], number: Int32)]
  /// For each byte whether a token begins with it.
  private let isFirst: [Bool]

  /// Takes those of the tokens that the vocabulary has.
  init(_ names: [String], vocabulary: Vocabulary) throws(TokenizerError) {
    let bytes = names.reduce(0) { $0 + $1.utf8.count }
    guard bytes <= Self.maximumBytes else { throw .specialTokensTooLarge(bytes: bytes, limit: Self.maximumBytes) }
    var tokens: [(bytes: [UInt8], number: Int32)] = []
    var isFirst = Array(repeating: false, count: 256)
    for name in names {
      let bytes = Array(name.utf8)
      guard let first = bytes.first, let number = vocabulary.number(of: bytes.span) else { continue }
      isFirst[Int(first)] = true
      tokens.insert((bytes, number), at: tokens.firstIndex { $0.bytes.count < bytes.count } ?? tokens.count)
    }
    self.tokens = tokens
    self.isFirst = isFirst
  }

  /// The first token at or behind a position of the text.
  func first(in text: Span<UInt8>, from start: Int) -> (range: Range<Int>, number: Int32)? {
    for position in start..<text.count where isFirst[Int(text[position])] {
      for token in tokens where Self.begins(text, at: position, with: token.bytes) {
        return (position..<position + token.bytes.count, token.number)
      }
    }
    return nil
  }

  private static func begins(_ text: Span<UInt8>, at position: Int, with token: [UInt8]) -> Bool {
    guard token.count <= text.count - position else { return false }
    for offset in token.indices where text[position + offset] != token[offset] { return false }
    return true
  }
}
