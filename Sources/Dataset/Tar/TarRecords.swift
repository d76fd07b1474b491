/// What the records of PAX say about the next member: each is `LENGTH KEY=VALUE` and a line feed, where the length counts all of it.
struct TarRecords {
  private(set) var path: String?
  private(set) var size: Int?

  init(_ bytes: [UInt8]) throws(TarDamage) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let digits = rest.prefix { $0 != UInt8(ascii: " ") }
      guard let length = Int(String(decoding: digits, as: UTF8.self)), digits.count + 1 < length, length <= rest.count else {
        throw TarDamage(field: "length of a record")
      }
      let record = rest.prefix(length).dropFirst(digits.count + 1)
      guard record.last == UInt8(ascii: "\n"), let text = String(validating: record.dropLast(), as: UTF8.self) else {
        throw TarDamage(field: "record")
      }
      try take(text)
      rest = rest.dropFirst(length)
    }
  }

  private mutating func take(_ record: String) throws(TarDamage) {
    let parts = record.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw TarDamage(field: "record") }
    switch parts[0] {
    case "path": path = String(parts[1])
    case "size":
      guard let value = Int(parts[1]), value >= 0 else { throw TarDamage(field: "size") }
      size = value
    default: break
    }
  }
}
