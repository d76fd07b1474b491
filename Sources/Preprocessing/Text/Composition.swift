/// Unicode's Normalization Form C (The Unicode Standard, section 3.11), with the tables of Hugging Face `tokenizers`.
enum Composition {
  /// Below this, every text is in the form already.
  private static let firstOfInterest: UInt32 = 0x300

  /// Normalises a text. Takes time proportional to its length, and in a run of marks to their classes.
  static func normalize(_ text: inout [UInt32]) {
    guard text.contains(where: { $0 >= firstOfInterest }) else { return }
    var parts: [UInt32] = []
    parts.reserveCapacity(text.count)
    for scalar in text { forEachPart(of: scalar) { parts.append($0) } }
    sortMarks(&parts)
    text.removeAll(keepingCapacity: true)
    compose(parts, into: &text)
  }

  /// Calls `body` with each scalar of the canonical decomposition, whose marks are not sorted yet.
  static func forEachPart(of scalar: UInt32, _ body: (UInt32) -> Void) {
    if scalar < 0xC0 { return body(scalar) }
    if Hangul.syllables ~= scalar { return Hangul.forEachPart(of: scalar, body) }
    guard let index = CompositionTables.decomposed.lastIndex(atMost: scalar), CompositionTables.decomposed[index] == scalar else {
      return body(scalar)
    }
    let (first, second) = parts(at: index)
    forEachPart(of: first, body)
    if second != 0 { forEachPart(of: second, body) }
  }

  /// What a scalar of the tables decomposes to by one step; the second part is 0 where there is one.
  private static func parts(at index: Int) -> (first: UInt32, second: UInt32) {
    let packed = CompositionTables.parts[index]
    guard packed >> 16 >= firstOfInterest else { return (packed, 0) }
    let plane = CompositionTables.decomposed[index] & ~0xFFFF
    return (plane | packed & 0xFFFF, plane | packed >> 16)
  }

  /// The canonical combining class of a scalar without decomposition.
  private static func combiningClass(of scalar: UInt32) -> UInt32 {
    guard scalar >= firstOfInterest else { return 0 }
    let runs = CompositionTables.combiningRuns
    return runs.lastIndex(atMost: scalar << 8 | 0xFF).map { runs[$0] & 0xFF } ?? 0
  }

  /// Sorts each run of scalars of classes other than 0 by class, those of one class as they came.
  private static func sortMarks(_ parts: inout [UInt32]) {
    var start = 0
    while start < parts.count {
      var marks: [(kind: UInt32, scalar: UInt32)] = []
      while start + marks.count < parts.count {
        let scalar = parts[start + marks.count]
        let kind = combiningClass(of: scalar)
        if kind == 0 { break }
        marks.append((kind, scalar))
      }
      if marks.count > 1 { place(marks, in: &parts, from: start) }
      start += marks.count + 1
    }
  }

  /// Class by class, of which there are few.
  private static func place(_ marks: [(kind: UInt32, scalar: UInt32)], in parts: inout [UInt32], from start: Int) {
    var (place, last) = (start, UInt32(0))
    while place < start + marks.count {
      let kind = marks.reduce(.max) { $1.kind > last ? min($0, $1.kind) : $0 }
      for mark in marks where mark.kind == kind {
        parts[place] = mark.scalar
        place += 1
      }
      last = kind
    }
  }

  private static func compose(_ parts: [UInt32], into text: inout [UInt32]) {
    var starter: Int?
    var lastClass: UInt32 = 0
    for part in parts {
      let kind = combiningClass(of: part)
      if let place = starter, lastClass == 0 || lastClass < kind, let whole = composite(of: text[place], part) {
        text[place] = whole
        continue
      }
      if kind == 0 { starter = text.count }
      lastClass = kind
      text.append(part)
    }
  }

  private static func composite(of first: UInt32, _ second: UInt32) -> UInt32? {
    if let syllable = Hangul.composite(of: first, second) { return syllable }
    var (low, high) = (0, CompositionTables.composed.count)
    while low < high {
      let middle = (low + high) / 2
      let index = Int(CompositionTables.composed[middle])
      let found = parts(at: index)
      if found == (first, second) { return CompositionTables.decomposed[index] }
      if found < (first, second) { low = middle + 1 } else { high = middle }
    }
    return nil
  }
}

/// Korean syllables, whose parts are computed (The Unicode Standard, section 3.12).
private enum Hangul {
  static let syllables: ClosedRange<UInt32> = 0xAC00...0xD7A3
  private static let leads: ClosedRange<UInt32> = 0x1100...0x1112
  private static let vowels: ClosedRange<UInt32> = 0x1161...0x1175
  private static let tails: ClosedRange<UInt32> = 0x11A8...0x11C2

  static func forEachPart(of scalar: UInt32, _ body: (UInt32) -> Void) {
    let syllable = scalar - 0xAC00
    body(0x1100 + syllable / 588)
    body(0x1161 + syllable % 588 / 28)
    if syllable % 28 != 0 { body(0x11A7 + syllable % 28) }
  }

  static func composite(of first: UInt32, _ second: UInt32) -> UInt32? {
    if leads ~= first, vowels ~= second { return 0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28 }
    if syllables ~= first, (first - 0xAC00) % 28 == 0, tails ~= second { return first + second - 0x11A7 }
    return nil
  }
}
