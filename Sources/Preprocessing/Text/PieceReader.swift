/// What CLIP's pattern makes of a Unicode scalar. The raw values stand in `CompositionTables.classRuns`.
enum PieceClass: UInt32 {
  /// Part of a run of such.
  case other
  /// Part of a run of letters.
  case letter
  /// A piece of its own.
  case number
  /// Between pieces.
  case space

  init(of scalar: UInt32) {
    let runs = CompositionTables.classRuns
    self = runs.lastIndex(atMost: scalar << 2 | 3).flatMap { PieceClass(rawValue: runs[$0] & 3) } ?? .other
  }
}

/// Cuts a text into the pieces that CLIP's tokenizer merges apart from each other: the text in Normalization Form C and lower case, matched
/// with `<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`, then cut once more as Hugging
/// Face's pre-tokenizer `ByteLevel` does, which tells only where the text spells a special token.
struct PieceReader {
  private static let frames = ["<|startoftext|>", "<|endoftext|>"].map { $0.unicodeScalars.map { $0.value } }
  private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map { $0.unicodeScalars.map { $0.value } }
  private static let ascii = (0..<0x80).map { PieceClass(of: $0) }

  private var text: [UInt32] = []
  private var position = 0
  /// Where pieces end that are known already, last first: the parts of a special token that the text spells.
  private var ends: [Int] = []

  /// Begins with a part of a text in UTF-8. Bytes that are not UTF-8 count as U+FFFD.
  mutating func begin(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    text.removeAll(keepingCapacity: true)
    var place = range.lowerBound
    let part = bytes.extracting(..<range.upperBound)
    while place < range.upperBound { text.append(Scalar.next(in: part, at: &place)) }
    Composition.normalize(&text)
    lowercase()
    position = 0
    ends.removeAll(keepingCapacity: true)
  }

  /// Only U+0130 becomes longer.
  private mutating func lowercase() {
    var lower: [UInt32] = []
    lower.reserveCapacity(text.count)
    for scalar in text { Scalar.forEachLowercase(of: scalar) { lower.append($0) } }
    text = lower
  }

  /// Reads the next piece into `piece`, in UTF-8, or gives false at the end.
  mutating func next(into piece: inout [UInt8]) -> Bool {
    piece.removeAll(keepingCapacity: true)
    while position < text.count, ends.isEmpty, Self.kind(of: text[position]) == .space { position += 1 }
    guard position < text.count else { return false }
    let end = nextEnd()
    for scalar in text[position..<end] { piece.append(utf8: scalar) }
    position = end
    return true
  }

  private mutating func nextEnd() -> Int {
    if let end = ends.popLast() { return end }
    if text[position] == 0x3C, let frame = Self.frames.first(where: { spells($0) }) {
      let end = position + frame.count
      ends = [end, end - 2]
      return position + 2
    }
    if text[position] == 0x27, let word = Self.contractions.first(where: { spells($0) }) { return position + word.count }
    return endOfRun()
  }

  private func endOfRun() -> Int {
    let kind = Self.kind(of: text[position])
    var end = position + 1
    if kind == .number { return end }
    while end < text.count, Self.kind(of: text[end]) == kind { end += 1 }
    return end
  }

  private func spells(_ scalars: [UInt32]) -> Bool { text[position...].starts(with: scalars) }

  private static func kind(of scalar: UInt32) -> PieceClass { scalar < 0x80 ? ascii[Int(scalar)] : PieceClass(of: scalar) }
}
