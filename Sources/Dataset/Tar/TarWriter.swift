/// Makes a tar archive in memory: ustar, with a record of PAX for a name or size that does not fit. The bytes depend on names and
/// contents alone.
package struct TarWriter {
  private var archive: [UInt8] = []

  package init() {}

  /// `name` must not be empty.
  package mutating func append(_ name: String, _ contents: [UInt8]) {
    precondition(!name.isEmpty, "a member of an archive needs a name")
    let fits = name.utf8.count <= 100 && contents.count < 1 << 33
    if !fits {
      let records = Self.record("path", name) + Self.record("size", "\(contents.count)")
      append(header: "records", size: records.count, kind: UInt8(ascii: "x"), contents: records)
    }
    append(header: fits ? name : "member", size: fits ? contents.count : 0, kind: UInt8(ascii: "0"), contents: contents)
  }

  /// The whole archive.
  package consuming func finish() -> [UInt8] { archive + [UInt8](repeating: 0, count: 2 * TarHeader.size) }

  private mutating func append(header name: String, size: Int, kind: UInt8, contents: [UInt8]) {
    var block = [UInt8](repeating: 0, count: TarHeader.size)
    func put(_ text: String, _ place: Int) { block.replaceSubrange(place..<place + text.utf8.count, with: text.utf8) }
    put(name, 0)
    put("0000644", 100)
    put("0000000", 108)
    put("0000000", 116)
    put(Self.octal(size, digits: 11), 124)
    put("00000000000", 136)
    block[156] = kind
    put("ustar\u{0}00", 257)
    put(Self.octal(TarHeader.checksum(block), digits: 6) + "\u{0} ", 148)
    archive += block + contents
    archive += [UInt8](repeating: 0, count: (TarHeader.size - contents.count % TarHeader.size) % TarHeader.size)
  }

  private static func octal(_ value: Int, digits: Int) -> String {
    let text = String(value, radix: 8)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// The length counts its own digits.
  private static func record(_ key: String, _ value: String) -> [UInt8] {
    let rest = " \(key)=\(value)\n"
    var length = rest.utf8.count
    while "\(length)".utf8.count + rest.utf8.count != length { length = "\(length)".utf8.count + rest.utf8.count }
    return Array("\(length)\(rest)".utf8)
  }
}
