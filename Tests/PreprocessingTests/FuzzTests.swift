import Preprocessing
import TestSupport
import Testing

/// Bytes of which some are random and some are parts of real texts, so that well-formed and broken sequences meet.
private func randomText(from texts: [[UInt8]], using generator: inout SeededGenerator) -> [UInt8] {
  var bytes: [UInt8] = []
  for _ in 0..<Int.random(in: 0..<8, using: &generator) {
    if Bool.random(using: &generator) {
      bytes += (0..<Int.random(in: 0..<6, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    } else if let text = texts.randomElement(using: &generator) {
      let start = Int.random(in: 0...text.count, using: &generator)
      bytes += text[start...].prefix(Int.random(in: 0..<20, using: &generator))
    }
  }
  return bytes
}

@Test func anyBytesGiveTokensOfTheVocabularyWithinTheLimit() throws {
  let vocabulary = try Golden.vocabulary()
  let tokenizer = try WordPieceTokenizer(vocabulary: vocabulary)
  let (start, end) = (vocabulary.number(of: "[CLS]"), vocabulary.number(of: "[SEP]"))
  let texts = try Golden.cases().map(\.text)
  var generator = SeededGenerator(seed: 1)
  for _ in 0..<20_000 {
    let text = randomText(from: texts, using: &generator)
    let whole = tokenizer.encode(text.span, maximumTokens: .max)
    #expect(whole.first == start && whole.last == end)
    #expect(whole.count <= 4 * text.count + 2)
    #expect(whole.allSatisfy { 0..<vocabulary.count ~= Int($0) })
    let limit = Int.random(in: 2..<24, using: &generator)
    let cut = tokenizer.encode(text.span, maximumTokens: limit)
    #expect(cut.dropLast() == whole.dropLast().prefix(limit - 1) && cut.last == end, "\(text)")
  }
}

@Test func bytesThatAreNotUTF8CountAsReplacementCharacters() throws {
  let tokenizer = try WordPieceTokenizer(vocabulary: Golden.vocabulary())
  let texts = try Golden.cases().map(\.text)
  var generator = SeededGenerator(seed: 2)
  for _ in 0..<20_000 {
    let text = randomText(from: texts, using: &generator)
    let repaired = String(decoding: text, as: UTF8.self)
    #expect(tokenizer.encode(text.span, maximumTokens: .max) == tokenizer.encode(repaired, maximumTokens: .max), "\(text)")
  }
}

@Test func textsJoinedByASpaceGiveTheirTokensOneAfterTheOther() throws {
  let tokenizer = try WordPieceTokenizer(vocabulary: Golden.vocabulary())
  let texts = try Golden.cases().map(\.text)
  var generator = SeededGenerator(seed: 3)
  for _ in 0..<5_000 {
    let (first, second) = (randomText(from: texts, using: &generator), randomText(from: texts, using: &generator))
    let apart =
      tokenizer.encode(first.span, maximumTokens: .max).dropLast() + tokenizer.encode(second.span, maximumTokens: .max).dropFirst()
    #expect(tokenizer.encode((first + [0x20] + second).span, maximumTokens: .max) == Array(apart), "\(first) \(second)")
  }
}

@Test func damagedVocabulariesAreReadOrRefused() throws {
  let text = try Array(Golden.bytes(of: "vocabulary.txt").prefix(2000))
  var generator = SeededGenerator(seed: 4)
  for _ in 0..<2_000 {
    var damaged = text.prefix(Int.random(in: 0...text.count, using: &generator))
    for _ in 0..<4 where !damaged.isEmpty {
      damaged[Int.random(in: damaged.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
    }
    let vocabulary: Vocabulary
    do throws(TokenizerError) {
      vocabulary = try Vocabulary(vocabularyText: Array(damaged))
    } catch {
      guard case .duplicateToken = error else {
        Issue.record("\(error)")
        continue
      }
      continue
    }
    for number in 0..<vocabulary.count { #expect(vocabulary.number(of: Array(vocabulary[number] ?? []).span) == Int32(number)) }
  }
}
