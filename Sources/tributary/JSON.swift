/// A value that is printed as JSON (RFC 8259).
indirect enum JSON {
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
    switch self {
    case .null: "null"
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value): "\(value)"
    case .number(let value, let decimals): fixed(value, decimals: decimals)
    case .string(let value): Self.quoted(value)
    case .array(let values): "[" + joined(values.map { $0.text }, ",") + "]"
    case .object(let members): "{" + joined(members.map { Self.quoted($0.0) + ":" + $0.1.text }, ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0..<32: bytes += Array("\\u00".utf8) + Array(hexadecimal(CollectionOfOne(byte)).utf8)
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes + [UInt8(ascii: "\"")], as: UTF8.self)
  }
}
