import Preprocessing

/// CRC-32 of the words of a text, each followed by a line feed; a word too long counts as empty.
struct WordSum {
  private var sum = CRC32()

  var value: UInt32 { sum.value }

  init(of text: [UInt8], options: WordPieceOptions) {
    var reader = WordReader(options: options)
    reader.begin(0..<text.count)
    while reader.next(in: text.span) {
      if !reader.isTooLong { sum.update(reader.word) }
      sum.update([0x0A])
    }
  }
}
