/// Cuts normalised text into words as the `BertPreTokenizer` of Hugging Face `tokenizers` does: at white space, and before and
/// after each punctuation character.
package struct WordReader {
  /// The word in UTF-8; cut off where it is too long.
  package private(set) var word: [UInt8] = []
  /// Whether the word has more characters than a word may have.
  package private(set) var isTooLong = false

  private var normalizer: BertNormalizer
  private let maximumCharacters: Int
  private var characters = 0
  /// Punctuation that ended the last word and is the next.
  private var held: UInt32?

  package init(options: WordPieceOptions) {
    normalizer = BertNormalizer(options: options)
    maximumCharacters = options.maximumCharactersPerWord
  }

  /// Begins anew with a part of the text.
  package mutating func begin(_ range: Range<Int>) {
    normalizer.begin(range)
    held = nil
  }

  /// Reads the next word into `word`, or gives false at the end.
  package mutating func next(in text: Span<UInt8>) -> Bool {
    clear()
    if let punctuation = held {
      held = nil
      append(punctuation)
      return true
    }
    while let scalar = normalizer.next(in: text) {
      if scalar == 0x20 {
        if characters > 0 { return true }
      } else if !Self.isPunctuation(scalar) {
        append(scalar)
      } else if characters > 0 {
        held = scalar
        return true
      } else {
        append(scalar)
        return true
      }
    }
    return characters > 0
  }

  private mutating func clear() {
    word.removeAll(keepingCapacity: true)
    characters = 0
    isTooLong = false
  }

  private mutating func append(_ scalar: UInt32) {
    guard characters < maximumCharacters else {
      isTooLong = true
      return
    }
    characters += 1
    word.append(utf8: scalar)
  }

  private static func isPunctuation(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: false
    case 0..<0x80: true
    default: Scalar.class(of: scalar) == .punctuation
    }
  }
}
