/// Reads text and gives it scalar by scalar as the `BertNormalizer` of Hugging Face `tokenizers` writes it: control characters
/// removed, all white space U+0020, and as the options say ideographs between spaces, accents stripped, letters in lower case.
///
/// The text is passed to each call rather than kept; all calls must pass the same.
struct BertNormalizer {
  private let options: WordPieceOptions
  /// For each ASCII byte what becomes of it; 0 where it is removed.
  private let ascii: [UInt8]
  private var position = 0
  private var end = 0
  /// Normalised scalars that were not given out yet: those from `queue[given]` on.
  private var queue: [UInt32] = []
  private var given = 0
  /// Where the combining scalars at the end of the queue begin, whose order still waits for the next ones.
  private var openRun: Int?

  init(options: WordPieceOptions) {
    self.options = options
    ascii = (0..<0x80).map { (byte: UInt8) in
      switch Scalar.class(of: UInt32(byte)) {
      case .removed: 0
      case .space: 0x20
      default: options.lowercase && 0x41...0x5A ~= byte ? byte + 0x20 : byte
      }
    }
  }

  /// Begins anew with a part of the text.
  mutating func begin(_ range: Range<Int>) {
    position = range.lowerBound
    end = range.upperBound
    clearQueue()
  }

  /// The next scalar, or nil at the end.
  mutating func next(in text: Span<UInt8>) -> UInt32? {
    while given == queue.count {
      clearQueue()
      guard position < end else { return nil }
      if text[position] < 0x80 {
        let scalar = ascii[Int(text[position])]
        position += 1
        if scalar != 0 { return UInt32(scalar) }
      } else {
        fill(from: text)
      }
    }
    given += 1
    return queue[given - 1]
  }

  private mutating func clearQueue() {
    queue.removeAll(keepingCapacity: true)
    given = 0
    openRun = nil
  }

  /// Reads at least one scalar, and on until the order of all that is in the queue is known.
  private mutating func fill(from text: Span<UInt8>) {
    repeat {
      normalize(Scalar.next(in: text, at: &position))
    } while openRun != nil && position < end
  }

  private mutating func normalize(_ scalar: UInt32) {
    let kind = Scalar.class(of: scalar)
    switch kind {
    case .removed: break
    case .space: put(0x20)
    case .ideograph where options.handleChineseCharacters:
      put(0x20)
      stripAccents(scalar, kind)
      put(0x20)
    default: stripAccents(scalar, kind)
    }
  }

  private mutating func stripAccents(_ scalar: UInt32, _ kind: ScalarClass) {
    guard options.stripAccents else { return putLowercase(scalar) }
    switch kind {
    case .mark: break
    case .boundaryMark: openRun = nil
    case .combining: putCombining(scalar)
    default:
      Scalar.forEachStripped(of: scalar) { part in
        if part != scalar, Scalar.class(of: part) == .combining { putCombining(part) } else { putLowercase(part) }
      }
    }
  }

  private mutating func putLowercase(_ scalar: UInt32) {
    guard options.lowercase else { return put(scalar) }
    Scalar.forEachLowercase(of: scalar) { put($0) }
  }

  private mutating func put(_ scalar: UInt32) {
    openRun = nil
    queue.append(scalar)
  }

  /// Puts a scalar (none of these has a lower case) behind those of the same or a lower combining class.
  ///
  /// A run longer than the longest word is left unsorted: such a word is unknown whatever its order.
  private mutating func putCombining(_ scalar: UInt32) {
    let start = openRun ?? queue.count
    var place = queue.count
    if place - start <= options.maximumCharactersPerWord {
      let own = Scalar.combiningClass(of: scalar)
      while place > start, Scalar.combiningClass(of: queue[place - 1]) > own { place -= 1 }
    }
    queue.insert(scalar, at: place)
    openRun = start
  }
}
