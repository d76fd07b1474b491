/// A file of tables in the subset of TOML 1.0 that profiles are written in: `[table.names]` with bare or quoted parts, `key = value` with a
/// bare or quoted key, and as values strings in double quotes, decimal numbers, booleans and arrays of these on one or several lines.
package struct TOML: Sendable, Equatable {
  package enum Value: Sendable, Equatable {
    case string(String)
    case number(Double)
    case boolean(Bool)
    /// Of values that are no arrays.
    case array([Value])
  }

  package struct Entry: Sendable, Equatable {
    package let key: String
    package let line: Int
    package let value: Value
  }

  package struct Table: Sendable, Equatable {
    package let path: [String]
    /// That of its header, counted from 1.
    package let line: Int
    package internal(set) var entries: [Entry] = []
  }

  /// In the order of the file; what stands before the first header has none and is refused.
  package private(set) var tables: [Table] = []

  /// Reads a text of UTF-8.
  package init(_ text: [UInt8]) throws(TOMLError) {
    var reader = TOMLReader(text)
    while reader.skipToContent() {
      if reader.take("[") {
        let line = reader.line
        let path = try reader.path()
        guard !tables.contains(where: { $0.path == path }) else { throw reader.error(.repeated(path[path.count - 1])) }
        tables.append(Table(path: path, line: line))
      } else {
        let entry = try reader.entry()
        guard let last = tables.indices.last else { throw TOMLError(line: entry.line, fault: .outsideTable(entry.key)) }
        guard !tables[last].entries.contains(where: { $0.key == entry.key }) else {
          throw TOMLError(line: entry.line, fault: .repeated(entry.key))
        }
        tables[last].entries.append(entry)
      }
      try reader.endLine()
    }
  }

  /// The table of that name.
  package func table(_ path: [String]) -> Table? { tables.first { $0.path == path } }
}

/// What is wrong in a file of tables, and in which line, counted from 1.
package struct TOMLError: Error, Sendable, Equatable {
  package enum Fault: Sendable, Equatable {
    /// What is read wants something else here.
    case expected(String)
    /// A key of this table, or a table, that is there already.
    case repeated(String)
    case outsideTable(String)
  }

  package let line: Int
  package let fault: Fault

  package var description: String {
    let (what, wrong) =
      switch fault {
      case .expected(let what): (what, " is wanted here")
      case .repeated(let name): (name, " is there already")
      case .outsideTable(let key): (key, " stands before the first [table]")
      }
    return "line \(line): " + what + wrong
  }
}

/// A place in a text.
private struct TOMLReader {
  private let text: [UInt8]
  private var place = 0
  private(set) var line = 1

  init(_ text: [UInt8]) { self.text = text }

  private var next: UInt8? { place < text.count ? text[place] : nil }

  func error(_ fault: TOMLError.Fault) -> TOMLError { TOMLError(line: line, fault: fault) }

  /// Takes that character, where it comes next.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func skipSpace() { while next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") { place += 1 } }

  /// Passes over empty lines and comments; false at the end.
  mutating func skipToContent() -> Bool {
    while let byte = next {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): place += 1
      case UInt8(ascii: "\n"):
        place += 1
        line += 1
      case UInt8(ascii: "#"): while let byte = next, byte != UInt8(ascii: "\n") { place += 1 }
      default: return true
      }
    }
    return false
  }

  /// Only space and a comment may follow on a line.
  mutating func endLine() throws(TOMLError) {
    let before = line
    guard skipToContent(), line == before else { return }
    throw error(.expected("the end of the line"))
  }

  /// `a.b]`, behind the bracket.
  mutating func path() throws(TOMLError) -> [String] {
    var parts: [String] = []
    repeat {
      skipSpace()
      parts.append(try key())
      skipSpace()
    } while take(".")
    guard take("]") else { throw error(.expected("]")) }
    return parts
  }

  /// `key = value`.
  mutating func entry() throws(TOMLError) -> TOML.Entry {
    let start = line
    let key = try key()
    skipSpace()
    guard take("=") else { throw error(.expected("= behind '\(key)'")) }
    skipSpace()
    return TOML.Entry(key: key, line: start, value: take("[") ? .array(try elements()) : try scalar())
  }

  private mutating func key() throws(TOMLError) -> String {
    if take("\"") { return try string() }
    let word = bareWord { $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
    guard !word.isEmpty else { throw error(.expected("a key")) }
    return String(decoding: word, as: UTF8.self)
  }

  /// Letters, digits and what else is allowed.
  private mutating func bareWord(_ isAllowed: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    let start = place
    while let byte = next, byte.isLetterOrDigit || isAllowed(byte) { place += 1 }
    return text[start..<place]
  }

  /// Behind the opening bracket.
  private mutating func elements() throws(TOMLError) -> [TOML.Value] {
    var values: [TOML.Value] = []
    while skipToContent() {
      if take("]") { return values }
      values.append(try scalar())
      guard skipToContent(), take(",") || next == UInt8(ascii: "]") else { break }
    }
    throw error(.expected(", or ]"))
  }

  private mutating func scalar() throws(TOMLError) -> TOML.Value {
    if take("\"") { return .string(try string()) }
    let word = bareWord { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    if word.elementsEqual("true".utf8) { return .boolean(true) }
    if word.elementsEqual("false".utf8) { return .boolean(false) }
    guard let number = Double(decimal: Array(word)) else { throw error(.expected("a string, a decimal number, true or false")) }
    return .number(number)
  }

  /// Behind the opening quote.
  private mutating func string() throws(TOMLError) -> String {
    var bytes: [UInt8] = []
    while let byte = next, byte >= 0x20 || byte == UInt8(ascii: "\t") {
      place += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte == UInt8(ascii: "\\") ? try escaped() : byte)
    }
    throw error(.expected("\" at the end of the string"))
  }

  private mutating func escaped() throws(TOMLError) -> UInt8 {
    if take("\"") { return UInt8(ascii: "\"") }
    if take("\\") { return UInt8(ascii: "\\") }
    throw error(.expected("\\\" or \\\\"))
  }
}

extension UInt8 {
  fileprivate var isLetterOrDigit: Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
  }
}
