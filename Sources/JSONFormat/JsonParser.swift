/// What a text that is no JSON lacks, and where.
package struct JsonError: Error, Equatable {
  package let offset: Int
  package let expected: String
}

/// Reads JSON strictly (RFC 8259): valid UTF-8, no duplicate keys, nothing after the value, nesting up to `deepest`.
package struct JsonParser {
  static let deepest = 32

  private let bytes: [UInt8]
  private var position = 0

  package static func parse(_ bytes: [UInt8]) throws(JsonError) -> Json {
    var parser = JsonParser(bytes: bytes)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.error("the end") }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func error(_ expected: String) -> JsonError { JsonError(offset: position, expected: expected) }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D { position += 1 }
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(JsonError) -> Json {
    guard depth < Self.deepest else { throw error("nesting of at most \(Self.deepest)") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["): return .array(try elements(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ text: StaticString, _ value: Json) throws(JsonError) -> Json {
    let name = text.description
    guard bytes[position...].starts(with: name.utf8) else { throw error("'\(name)'") }
    position += name.utf8.count
    return value
  }

  private mutating func members(depth: Int) throws(JsonError) -> [Json.Member] {
    position += 1
    var members: [Json.Member] = []
    var seen: Set<[UInt8]> = []
    if skip("}") { return members }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error("a key in quotes") }
      let key = try string()
      guard seen.insert(Array(key.utf8)).inserted else { throw error("each key once, but '\(key.prefix(40))' stands twice") }
      guard skip(":") else { throw error("':'") }
      members.append(Json.Member(key: key, value: try value(depth: depth + 1)))
    } while skip(",")
    guard skip("}") else { throw error("',' or '}'") }
    return members
  }

  private mutating func elements(depth: Int) throws(JsonError) -> [Json] {
    position += 1
    var elements: [Json] = []
    if skip("]") { return elements }
    repeat {
      elements.append(try value(depth: depth + 1))
    } while skip(",")
    guard skip("]") else { throw error("',' or ']'") }
    return elements
  }
}

extension JsonParser {
  private mutating func digits() throws(JsonError) {
    let start = position
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    guard position > start else { throw error("a digit or another value") }
  }

  private mutating func number() throws(JsonError) -> Json {
    let start = position
    var isInteger = true
    if next == UInt8(ascii: "-") { position += 1 }
    if next == UInt8(ascii: "0") { position += 1 } else { try digits() }
    if next == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isInteger = false
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else { throw error("a number in range") }
    return .number(value)
  }
}

extension JsonParser {
  private mutating func string() throws(JsonError) -> String {
    let start = position
    position += 1
    var content: [UInt8] = []
    while true {
      guard let byte = next, byte >= 0x20 else { throw error("a character or '\"'") }
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else { throw JsonError(offset: start, expected: "valid UTF-8") }
        return text
      case UInt8(ascii: "\\"): content.append(contentsOf: try escape())
      default: content.append(byte)
      }
    }
  }

  private mutating func escape() throws(JsonError) -> [UInt8] {
    guard let byte = next else { throw error("an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return Array(String(try scalar()).utf8)
    default: throw error("one of \" \\ / b f n r t u after a backslash")
    }
  }

  /// The scalar after `\u`, of one code unit or of a surrogate pair.
  private mutating func scalar() throws(JsonError) -> Character {
    let first = try codeUnit()
    var value = UInt32(first)
    if (0xD800..<0xDC00).contains(first), bytes[position...].starts(with: [0x5C, 0x75]) {
      position += 2
      let second = try codeUnit()
      guard (0xDC00..<0xE000).contains(second) else { throw error("the second half of a surrogate pair") }
      value = 0x10000 + (UInt32(first - 0xD800) << 10) + UInt32(second - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else { throw error("a surrogate pair") }
    return Character(scalar)
  }

  private mutating func codeUnit() throws(JsonError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = next.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else { throw error("four hexadecimal digits") }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }
}
