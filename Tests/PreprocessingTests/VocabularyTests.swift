import Preprocessing
import Testing

private func vocabulary(_ text: String) throws(TokenizerError) -> Vocabulary { try Vocabulary(vocabularyText: Array(text.utf8)) }

@Test func linesOfAVocabularyAreNumberedFromZero() throws {
  let vocabulary = try vocabulary("[PAD]\ncat \r\n##s\n\n雪")
  #expect(vocabulary.count == 5)
  #expect(vocabulary.longestToken == 5)
  #expect(vocabulary.number(of: "cat") == 1)
  #expect(vocabulary.number(of: "##s") == 2)
  #expect(vocabulary.number(of: "") == 3)
  #expect(vocabulary.number(of: "雪") == 4)
  #expect(vocabulary.number(of: "s") == nil)
  #expect(vocabulary[1].map(Array.init) == Array("cat".utf8))
  #expect(vocabulary[5] == nil)
  #expect(vocabulary[-1] == nil)
}

@Test func anEmptyVocabularyHasNothing() throws {
  let vocabulary = try vocabulary("")
  #expect(vocabulary.count == 0)
  #expect(vocabulary[0] == nil)
  #expect(vocabulary.number(of: "") == nil)
}

@Test func everyTokenIsFoundUnderItsNumberWhileTheVocabularyGrows() throws {
  var vocabulary = Vocabulary()
  let tokens = (0..<5000).map { Array("token \($0)".utf8) }
  for token in tokens { try vocabulary.append(token.span) }
  #expect(vocabulary.count == tokens.count)
  for (number, token) in tokens.enumerated() {
    #expect(vocabulary.number(of: token.span) == Int32(number))
    #expect(vocabulary[number].map(Array.init) == token)
  }
}

@Test func aTokenGivenTwiceIsRefused() {
  #expect(throws: TokenizerError.duplicateToken(index: 3, first: 1)) { try vocabulary("a\nb\nc\nb\n") }
}

@Test func aTokenTooLongIsRefused() throws {
  let limit = Vocabulary.maximumTokenBytes
  var vocabulary = Vocabulary()
  try vocabulary.append(Array(repeating: 0x61, count: limit).span)
  #expect(throws: TokenizerError.tokenTooLong(index: 1, bytes: limit + 1, limit: limit)) {
    try vocabulary.append(Array(repeating: 0x61, count: limit + 1).span)
  }
  #expect(vocabulary.count == 1)
}

@Test func aVocabularyTooLargeIsRefused() throws {
  var vocabulary = Vocabulary()
  var token = Array(repeating: UInt8(0x61), count: 1 << 15)
  let fitting = Vocabulary.maximumBytes / token.count
  for number in 0..<fitting {
    (token[0], token[1]) = (UInt8(number & 0xFF), UInt8(number >> 8))
    try vocabulary.append(token.span)
  }
  #expect(throws: TokenizerError.vocabularyTooLarge(index: fitting, limit: Vocabulary.maximumBytes)) { try vocabulary.append([0x62].span) }
}

@Test func tokensChosenToCollideAreRefused() {
  #expect(throws: TokenizerError.collidingTokens(index: 256)) {
    var vocabulary = Vocabulary()
    for token in collidingTokens(count: 300) { try vocabulary.append(token.span) }
  }
}

/// Tokens of eight bytes whose hashes begin the search at the same entry of an index of up to 1,024 entries.
private func collidingTokens(count: Int) -> [[UInt8]] {
  var tokens: [[UInt8]] = []
  var number: UInt64 = 0
  while tokens.count < count {
    let token = (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    let hash = token.reduce(0x811C_9DC5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    if (hash ^ hash >> 15) & 0x3FF == 0 { tokens.append(token) }
    number += 1
  }
  return tokens
}

@Test(arguments: ["[UNK]", "[CLS]", "[SEP]"]) func aMissingSpecialTokenIsNamed(token: String) throws {
  let rest = ["[UNK]", "[CLS]", "[SEP]"].filter { $0 != token }
  let vocabulary = try vocabulary(rest.joined(separator: "\n"))
  #expect(throws: TokenizerError.missingToken(token)) { try WordPieceTokenizer(vocabulary: vocabulary) }
}

@Test(arguments: [0, -1, 1001]) func anImpossibleWordLimitIsRefused(limit: Int) throws {
  var options = WordPieceOptions()
  options.maximumCharactersPerWord = limit
  let vocabulary = try vocabulary("[UNK]\n[CLS]\n[SEP]")
  #expect(throws: TokenizerError.badWordLimit(limit, limit: 1000)) { try WordPieceTokenizer(vocabulary: vocabulary, options: options) }
}

@Test func specialTokensOfTooManyBytesAreRefused() throws {
  var options = WordPieceOptions()
  options.specialTokens = Array(repeating: "[MASK]", count: 1000)
  let vocabulary = try vocabulary("[UNK]\n[CLS]\n[SEP]")
  #expect(throws: TokenizerError.specialTokensTooLarge(bytes: 6000, limit: 4096)) {
    try WordPieceTokenizer(vocabulary: vocabulary, options: options)
  }
}
