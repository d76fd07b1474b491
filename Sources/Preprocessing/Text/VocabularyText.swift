extension Vocabulary {
  private static let newline: UInt8 = 0x0A

  /// Reads a `vocab.txt`: one token a line, numbered from 0. White space at the end of a line is no part of the token.
  package init(vocabularyText text: [UInt8]) throws(TokenizerError) {
    self.init(expectedCount: text.reduce(1) { $1 == Self.newline ? $0 + 1 : $0 })
    var start = 0
    while start < text.count {
      let newline = text[start...].firstIndex(of: Self.newline) ?? text.count
      var end = newline
      while end > start, Self.isSpace(text[end - 1]) { end -= 1 }
      try append(text.span.extracting(start..<end))
      start = newline + 1
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }
}
