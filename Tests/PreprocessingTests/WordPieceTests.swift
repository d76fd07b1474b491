import Preprocessing
import Testing

private let vocabularyText = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nsnow\n##man\n##m\nman\n.\nsno\n##wm\n[MASK]\n"

private func encode(_ text: String, limit: Int = 100, _ change: (inout WordPieceOptions) -> Void = { _ in }) throws -> [Int32] {
  var options = WordPieceOptions()
  change(&options)
  let vocabulary = try Vocabulary(vocabularyText: Array(vocabularyText.utf8))
  return try WordPieceTokenizer(vocabulary: vocabulary, options: options).encode(text, maximumTokens: limit)
}

@Test func longestPiecesAreTakenFromTheLeft() throws {
  #expect(try encode("Snowman man.") == [2, 4, 5, 7, 8, 3])
}

@Test func aWordWithAnUnknownPartIsUnknownAsAWhole() throws {
  #expect(try encode("snowmen man") == [2, 1, 7, 3])
}

@Test func emptyTextGivesOnlyTheFrame() throws {
  #expect(try encode("") == [2, 3])
  #expect(try encode(" \n\u{200B}\u{0}\u{FFFD}") == [2, 3])
}

@Test(arguments: 0..<8) func tokensAreLeftOffAtTheEnd(limit: Int) throws {
  let whole: [Int32] = [2, 4, 5, 7, 8, 3]
  let expected = limit >= whole.count ? whole : whole.prefix(max(limit, 2) - 1) + [3]
  #expect(try encode("snowman man.", limit: limit) == expected)
}

@Test func specialTokensStandForThemselvesOnlyIfWrittenExactly() throws {
  #expect(try encode("man[MASK]man [mask]") == [2, 7, 11, 7, 1, 1, 1, 3])
  #expect(try encode("man[MASK]") { $0.specialTokens = [] } == [2, 7, 1, 1, 1, 3])
}

@Test func theLongestSpecialTokenIsTakenWhereSeveralBegin() throws {
  #expect(try encode("snowsnopig") { $0.specialTokens = ["sno", "snow"] } == [2, 4, 9, 1, 3])
}

@Test func aWordMayHaveAsManyCharactersAsTheOptionsSay() throws {
  #expect(try encode("snowman") { $0.maximumCharactersPerWord = 7 } == [2, 4, 5, 3])
  #expect(try encode("snowman man") { $0.maximumCharactersPerWord = 6 } == [2, 1, 7, 3])
}

@Test func aLimitWithoutBoundIsPossible() throws {
  #expect(try encode("man", limit: .max) == [2, 7, 3])
  #expect(try encode("man", limit: .min) == [2, 3])
}

@Test func aTextOfManyMegabytesIsReadInOneGo() throws {
  let count = 4 << 20
  #expect(try encode(String(repeating: "x", count: count)) == [2, 1, 3])
  #expect(try encode(String(repeating: "\u{302F}\u{1D165}", count: count / 4)) == [2, 1, 3])
  #expect(try encode(String(repeating: "man.", count: count / 4), limit: .max).count == count / 2 + 2)
}
