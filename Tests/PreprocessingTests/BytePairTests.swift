import Preprocessing
import TestSupport
import Testing

/// The tokenizer of the golden files, which tools/oracles/clip.py writes from Hugging Face `transformers`.
private func goldenTokenizer() throws -> BytePairTokenizer {
  let tokens = try Golden.bytes(of: "clip_tokens.txt")
  let merges = try Golden.bytes(of: "clip_merges.txt")
  return try tokenizer(tokens: tokens.split(separator: 0x0A).map { Array($0) }, merges: merges.split(separator: 0x0A).map { Array($0) })
}

private func tokenizer(tokens: [[UInt8]], merges: [[UInt8]]) throws(TokenizerError) -> BytePairTokenizer {
  var vocabulary = Vocabulary()
  for token in tokens { try vocabulary.append(token.span) }
  var table = MergeTable(expectedCount: merges.count)
  for merge in merges { try table.append(merge.span, vocabulary: vocabulary) }
  return try BytePairTokenizer(vocabulary: vocabulary, merges: table)
}

private func tokenizer(_ tokens: [String], merges: [String]) throws(TokenizerError) -> BytePairTokenizer {
  let frame = [BytePairTokenizer.startToken, BytePairTokenizer.endToken]
  return try tokenizer(tokens: (frame + tokens).map { Array($0.utf8) }, merges: merges.map { Array($0.utf8) })
}

private let letters = ["a", "b", "c", "a</w>", "b</w>", "c</w>", "ab", "bc", "abc", "abc</w>", "bc</w>"]

@Test func bytePairTokensAreThoseOfTransformers() throws {
  let tokenizer = try goldenTokenizer()
  let rows = try Golden.rows(of: "clip.tsv")
  #expect(rows.count > 500)
  for row in rows {
    let (limit, text) = (try #require(Int(row[0])), Golden.bytes(hexadecimal: row[1]))
    let expected = row[2].split(separator: " ").compactMap { Int32($0) }
    #expect(
      tokenizer.encode(text.span, maximumTokens: limit) == expected, "\(limit): \(String(decoding: text, as: UTF8.self).debugDescription)")
  }
}

@Test func everyScalarGivesTheBytePairTokensOfTransformers() throws {
  let tokenizer = try goldenTokenizer()
  let block: UInt32 = 8192
  let rows = try Golden.rows(of: "clip_scalars.tsv")
  #expect(rows.count == 0x30000 / Int(block))
  for (row, first) in zip(rows, stride(from: UInt32(0), to: 0x30000, by: Int(block))) {
    var text = ""
    for scalar in (first..<first + block).compactMap(Unicode.Scalar.init) {
      for part: [Unicode.Scalar] in [[scalar], [" ", "a", scalar, "b"], [" ", "e", scalar, "\u{301}", "\u{302}", "\u{303}"]] {
        text.unicodeScalars += part
      }
      text.unicodeScalars += [" ", scalar, "\u{323}", scalar, " "]
    }
    let tokens = tokenizer.encode(text, maximumTokens: .max)
    let bytes = tokens.flatMap { token in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: token >> $0) } }
    #expect(CRC32(of: bytes).value == UInt32(row[0], radix: 16), "U+\(String(first, radix: 16)) and following")
  }
}

@Test func theMergeGivenFirstIsDoneFirst() throws {
  #expect(try tokenizer(letters, merges: ["a b", "b c", "ab c"]).encode("abca") == [0, 10, 5, 1])
  #expect(try tokenizer(letters, merges: ["b c", "a b", "a bc"]).encode("abca") == [0, 10, 5, 1])
  #expect(try tokenizer(letters, merges: ["b c", "a b"]).encode("abca") == [0, 2, 9, 5, 1])
  #expect(try tokenizer(letters, merges: ["b c</w>", "a bc</w>"]).encode("abc bc") == [0, 11, 12, 1])
}

@Test(arguments: 0..<6) func bytePairTokensAreLeftOffAtTheEnd(limit: Int) throws {
  let whole: [Int32] = [0, 2, 3, 7, 1]
  let expected = limit >= whole.count ? whole : whole.prefix(max(limit, 2) - 1) + [1]
  #expect(try tokenizer(letters, merges: []).encode("abc", maximumTokens: limit) == expected)
}

@Test func bytesThatTheVocabularyLacksAreTheEndToken() throws {
  #expect(try tokenizer(letters, merges: []).encode("axb\u{1F600}") == [0, 2, 1, 6, 1, 1, 1, 1, 1])
}

@Test func brokenBytesCountAsReplacementCharactersForBytePairsToo() throws {
  let tokenizer = try goldenTokenizer()
  let texts = try Golden.rows(of: "clip.tsv").map { Golden.bytes(hexadecimal: $0[1]) }
  var generator = SeededGenerator(seed: 9)
  for _ in 0..<scaled(10_000) {
    var text = texts.randomElement(using: &generator) ?? []
    for _ in 0..<Int.random(in: 0..<4, using: &generator) {
      text.insert(UInt8.random(in: 0...255, using: &generator), at: Int.random(in: 0...text.count, using: &generator))
    }
    let whole = tokenizer.encode(text.span, maximumTokens: .max)
    #expect(whole == tokenizer.encode(String(decoding: text, as: UTF8.self), maximumTokens: .max))
    #expect(whole.allSatisfy { 0..<tokenizer.vocabulary.count ~= Int($0) })
    let cut = tokenizer.encode(text.span, maximumTokens: 9)
    #expect(cut.dropLast() == whole.dropLast().prefix(8))
  }
}

@Test func aWordOfAMegabyteIsReadInOneGo() throws {
  let tokenizer = try goldenTokenizer()
  for unit in ["a", "the", "ab", "e\u{301}", "\u{301}", "\u{302}\u{323}", "!", "\u{1F600}", "<|endoftext|>", "'s", "<"] {
    let text = String(repeating: unit, count: (1 << 20) / unit.utf8.count)
    #expect(tokenizer.encode(text).count <= 77)
    #expect(tokenizer.encode(text, maximumTokens: .max).count > 2)
  }
}

@Test func badMergesAreRefused() throws {
  for merge in ["", " ", "a", "a ", " a", "a  b", "a x", "ab a", "a b c"] {
    #expect(throws: TokenizerError.badMerge(index: 1), "\(merge)") { try tokenizer(letters, merges: ["b c", merge]) }
  }
  #expect(throws: TokenizerError.badMerge(index: 1)) { try tokenizer(letters, merges: ["b c", "b c"]) }
}

@Test func theFrameOfATextMustBeInTheVocabulary() {
  let tokens = [BytePairTokenizer.startToken, BytePairTokenizer.endToken]
  #expect(throws: TokenizerError.missingToken(tokens[1])) { try tokenizer(tokens: [Array(tokens[0].utf8)], merges: []) }
  #expect(throws: TokenizerError.missingToken(tokens[0])) { try tokenizer(tokens: [Array(tokens[1].utf8)], merges: []) }
}
