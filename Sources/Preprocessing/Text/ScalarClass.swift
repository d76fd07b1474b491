/// What BERT's normaliser and pre-tokenizer make of a Unicode scalar. The raw values stand in `UnicodeTables.classRuns`.
enum ScalarClass: UInt32 {
  /// Part of a word.
  case ordinary
  /// Dropped: control and format characters, private use, U+0000, U+FFFD.
  case removed
  /// White space: ends a word.
  case space
  /// A CJK ideograph: a word of its own where Chinese characters are handled, else part of a word.
  case ideograph
  /// A word of its own.
  case punctuation
  /// A non-spacing mark: dropped where accents are stripped, else part of a word.
  case mark
  /// A non-spacing mark of canonical combining class 0: marks of other classes do not move past it.
  case boundaryMark
  /// Part of a word, and of a canonical combining class other than 0, by which its neighbours are ordered.
  case combining
}

/// Lookups of a Unicode scalar in `UnicodeTables`. Any value up to U+10FFFF may be asked for.
enum Scalar {
  /// What stands for bytes that are not UTF-8.
  static let replacement: UInt32 = 0xFFFD

  static func `class`(of scalar: UInt32) -> ScalarClass {
    let runs = UnicodeTables.classRuns
    guard let run = runs.lastIndex(atMost: scalar << 3 | 7) else { return .ordinary }
    return ScalarClass(rawValue: runs[run] & 7) ?? .ordinary
  }

  /// The canonical combining class of a scalar of class `combining`.
  static func combiningClass(of scalar: UInt32) -> UInt32 {
    let entries = UnicodeTables.combiningClasses
    guard let entry = entries.lastIndex(atMost: scalar << 8 | 0xFF) else { return 0 }
    return entries[entry] & 0xFF
  }

  /// Calls `body` with each scalar of the lower case, which does not depend on the neighbours.
  static func forEachLowercase(of scalar: UInt32, _ body: (UInt32) -> Void) {
    if scalar == 0x130 {
      body(0x69)
      body(0x307)
    } else {
      body(lowercase(of: scalar))
    }
  }

  private static func lowercase(of scalar: UInt32) -> UInt32 {
    if scalar < 0x80 { return 0x41...0x5A ~= scalar ? scalar + 0x20 : scalar }
    guard let run = UnicodeTables.lowercaseFirst.lastIndex(atMost: scalar << 2 | 3) else { return scalar }
    let (first, step) = (UnicodeTables.lowercaseFirst[run] >> 2, UnicodeTables.lowercaseFirst[run] & 3)
    guard scalar <= UnicodeTables.lowercaseLast[run], (scalar - first) % step == 0 else { return scalar }
    return scalar &+ UnicodeTables.lowercaseDistance[run]
  }

  /// Calls `body` with each scalar of the canonical decomposition but its non-spacing marks.
  static func forEachStripped(of scalar: UInt32, _ body: (UInt32) -> Void) {
    Composition.forEachPart(of: scalar) { part in
      let kind = `class`(of: part)
      if kind != .mark, kind != .boundaryMark { body(part) }
    }
  }
}

extension [UInt32] {
  /// The index of the last of the ascending elements that is at most `key`.
  func lastIndex(atMost key: UInt32) -> Int? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] <= key { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : low - 1
  }
}
