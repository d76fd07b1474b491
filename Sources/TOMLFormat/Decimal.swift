extension Double {
  /// A number as `12`, `-0.5` or `2.5e3`, of at most 18 digits and a power of ten within ±22 behind them; nil for all else.
  package init?(decimal text: [UInt8]) {
    var place = 0
    let isNegative = Self.takeSign(of: text, at: &place)
    var digits: UInt64 = 0
    let whole = Self.takeDigits(of: text, at: &place, behind: &digits)
    var fraction = 0
    if place < text.count, text[place] == UInt8(ascii: ".") {
      place += 1
      fraction = Self.takeDigits(of: text, at: &place, behind: &digits)
      guard fraction > 0 else { return nil }
    }
    guard whole > 0, whole + fraction <= 18 else { return nil }
    var exponent = -fraction
    if place < text.count, text[place] | 0x20 == UInt8(ascii: "e") {
      place += 1
      let isSmall = Self.takeSign(of: text, at: &place)
      var power: UInt64 = 0
      guard (1...2).contains(Self.takeDigits(of: text, at: &place, behind: &power)) else { return nil }
      exponent += isSmall ? -Int(power) : Int(power)
    }
    guard place == text.count, (-22...22).contains(exponent) else { return nil }
    var scale = 1.0
    for _ in 0..<exponent.magnitude { scale *= 10 }
    let value = exponent < 0 ? Double(digits) / scale : Double(digits) * scale
    self = isNegative ? -value : value
  }

  /// Whether there is a minus; a plus is passed over too.
  private static func takeSign(of text: [UInt8], at place: inout Int) -> Bool {
    guard place < text.count, text[place] == UInt8(ascii: "-") || text[place] == UInt8(ascii: "+") else { return false }
    place += 1
    return text[place - 1] == UInt8(ascii: "-")
  }

  /// The number of digits that come next, which go behind those of `value`; it is meaningless where those are more than 18.
  private static func takeDigits(of text: [UInt8], at place: inout Int, behind value: inout UInt64) -> Int {
    let start = place
    while place < text.count, case let digit = text[place] &- UInt8(ascii: "0"), digit < 10 {
      value = value &* 10 &+ UInt64(digit)
      place += 1
    }
    return place - start
  }
}
