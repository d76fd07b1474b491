/// The block of 512 bytes before each member of a tar archive: POSIX's ustar, and what GNU and PAX make of it.
struct TarHeader {
  static let size = 512

  enum Kind: Equatable {
    case file
    /// Directories, links and devices: they have no contents.
    case other
    /// The name of the next member, by GNU (`L`).
    case longName
    /// Records about the next member, by PAX (`x`).
    case records
    /// What is read over: records about all members (`g`), the target of a link (`K`).
    case skipped
  }

  let kind: Kind
  let name: String
  /// How many bytes of contents follow; they are padded to whole blocks.
  let contentSize: Int

  /// Nil for a block of zeros, with which an archive ends.
  ///
  /// - Throws: The field that is wrong.
  init?(_ block: [UInt8]) throws(TarDamage) {
    if block.allSatisfy({ $0 == 0 }) { return nil }
    let kind = try Self.kind(block[156])
    guard try Self.number(block[148..<156], "checksum") == Self.checksum(block) else { throw TarDamage(field: "checksum") }
    let isPosix = block[257..<263].elementsEqual("ustar\0".utf8)
    let prefix = isPosix ? try Self.text(block[345..<500], "prefix") : ""
    let name = try Self.text(block[0..<100], "name")
    self.kind = kind
    self.name = prefix.isEmpty ? name : prefix + "/" + name
    contentSize = kind == .other ? 0 : try Self.number(block[124..<136], "size")
  }

  private static func kind(_ flag: UInt8) throws(TarDamage) -> Kind {
    switch flag {
    case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): .file
    case UInt8(ascii: "1")...UInt8(ascii: "6"): .other
    case UInt8(ascii: "L"): .longName
    case UInt8(ascii: "x"): .records
    case UInt8(ascii: "K"), UInt8(ascii: "g"): .skipped
    default: throw TarDamage(field: "type \(flag)")
    }
  }

  /// The sum of all bytes, those of the checksum counted as spaces.
  static func checksum(_ block: [UInt8]) -> Int {
    block.indices.reduce(0) { $0 + (148..<156 ~= $1 ? 32 : Int(block[$1])) }
  }

  /// Octal digits between spaces or zeros; or where the first bit is set, big end first in the other bits (GNU).
  private static func number(_ field: ArraySlice<UInt8>, _ name: String) throws(TarDamage) -> Int {
    guard let first = field.first, first != 0x80 else { return try binary(field.dropFirst(), name) }
    let digits = field.drop { $0 == 32 }.prefix { $0 != 0 && $0 != 32 }
    var value = 0
    for digit in digits {
      guard UInt8(ascii: "0")...UInt8(ascii: "7") ~= digit else { throw TarDamage(field: name) }
      value = value << 3 | Int(digit - UInt8(ascii: "0"))  // at most 12 digits
    }
    return value
  }

  private static func binary(_ bytes: ArraySlice<UInt8>, _ name: String) throws(TarDamage) -> Int {
    var value = 0
    for byte in bytes {
      guard value < 1 << 48 else { throw TarDamage(field: name) }
      value = value << 8 | Int(byte)
    }
    return value
  }

  /// The name that GNU writes as a member's contents.
  static func longName(_ contents: [UInt8]) throws(TarDamage) -> String { try text(contents[...], "long name") }

  /// Up to the first zero.
  private static func text(_ field: ArraySlice<UInt8>, _ name: String) throws(TarDamage) -> String {
    guard let text = String(validating: field.prefix { $0 != 0 }, as: UTF8.self) else { throw TarDamage(field: name) }
    return text
  }
}

/// A field of a tar archive that is not as the format has it.
struct TarDamage: Error {
  let field: String
}
