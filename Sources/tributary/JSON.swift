/// A value that is printed as JSON (RFC 8259).
enum JSON {
  case null
  case boolean(Bool)
  case integer(Int)
  /// With that many decimals.
  case number(Double, decimals: Int)
  case string(String)
  case array([JSON])
  case object([(String, JSON)])

  /// One line.
  var text: String {
    var text: [UInt8] = []
    write(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  private func write(to text: inout [UInt8]) {
    switch self {
    case .null: text += "null".utf8
    case .boolean(let value): text += (value ? "true" : "false").utf8
    case .integer(let value): text += "\(value)".utf8
    case .number(let value, let decimals): text.append(value, decimals: decimals)
    case .string(let value): Self.write(quoted: value, to: &text)
    case .array(let values):
      Self.write(values, between: "[", "]", to: &text) { value, text in value.write(to: &text) }
    case .object(let members):
      Self.write(members, between: "{", "}", to: &text) { member, text in
        Self.write(quoted: member.0, to: &text)
        text.append(UInt8(ascii: ":"))
        member.1.write(to: &text)
      }
    }
  }

  private static func write<Item>(
    _ items: [Item], between start: Unicode.Scalar, _ end: Unicode.Scalar, to text: inout [UInt8], _ write: (Item, inout [UInt8]) -> Void
  ) {
    text.append(UInt8(ascii: start))
    for (index, item) in items.enumerated() {
      if index > 0 { text.append(UInt8(ascii: ",")) }
      write(item, &text)
    }
    text.append(UInt8(ascii: end))
  }

  private static func write(quoted string: String, to text: inout [UInt8]) {
    text.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
      case 0..<32:
        text += "\\u00".utf8
        text.append(hexadecimal: byte)
      default: text.append(byte)
      }
    }
    text.append(UInt8(ascii: "\""))
  }
}
