import Preprocessing
import Testing

@Test func tokensAreThoseOfHuggingFaceTokenizers() throws {
  let vocabulary = try Golden.vocabulary()
  let cases = try Golden.cases()
  #expect(Set(cases.map(\.text)).count >= 2500)
  for golden in cases {
    let tokenizer = try WordPieceTokenizer(vocabulary: vocabulary, options: Golden.options(golden.options))
    let tokens = tokenizer.encode(golden.text.span, maximumTokens: golden.limit)
    #expect(
      tokens == golden.tokens, "\(golden.options), limit \(golden.limit): \(String(decoding: golden.text, as: UTF8.self).debugDescription)")
  }
}

@Test func wordsAreThoseOfHuggingFaceTokenizers() throws {
  for golden in try Golden.cases() {
    let sum = WordSum(of: golden.text, options: try Golden.options(golden.options))
    #expect(sum.value == golden.wordSum, "\(golden.options): \(String(decoding: golden.text, as: UTF8.self).debugDescription)")
  }
}

@Test(arguments: 0..<5) func everyScalarGivesTheWordsOfHuggingFaceTokenizers(column: Int) throws {
  let rows = try Golden.rows(of: "scalars.tsv")
  let block: UInt32 = 8192
  #expect(rows.count == 1 + 0x110000 / Int(block))
  let options = try Golden.options(rows[0][column])
  for (row, first) in zip(rows.dropFirst(), stride(from: UInt32(0), to: 0x110000, by: Int(block))) {
    var text: [UInt8] = []
    for scalar in (first..<first + block).compactMap(Unicode.Scalar.init) {
      text += scalar.utf8
      text += [0x20, 0x61]
      text += scalar.utf8
      text += [0x62, 0x20]
    }
    let sum = WordSum(of: text, options: options)
    #expect(sum.value == UInt32(row[column], radix: 16), "U+\(String(first, radix: 16)) and following, \(rows[0][column])")
  }
}
