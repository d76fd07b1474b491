import BundleFormat
import CPosix
import JSONFormat
import TOMLFormat

/// Reading and writing of a model's small files whole.
package enum ModelFile {
  /// The largest JSON or vocabulary file in bytes.
  static let largestText = 64 << 20

  package static func exists(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }

  static func text(_ path: String) throws(ImportError) -> [UInt8] {
    let file = try FileBytes(path)
    guard file.count <= largestText else { throw .tooLarge(file: path, bytes: file.count, limit: largestText) }
    return try file.read(0..<file.count)
  }

  /// The root of a JSON file.
  package static func json(_ path: String) throws(ImportError) -> Field { try json(text(path), file: path) }

  static func json(_ bytes: [UInt8], file: String) throws(ImportError) -> Field {
    do throws(JsonError) {
      return Field(file: file, path: "", value: try JsonParser.parse(bytes))
    } catch {
      throw .badJson(file: file, offset: error.offset, expected: error.expected)
    }
  }

  /// A file of tables in the subset of TOML that profiles are written in, as one object of objects.
  package static func toml(_ path: String) throws(ImportError) -> Field {
    let text = try text(path)
    do throws(TOMLError) {
      return Field(file: path, path: "", value: Json(try TOML(text)))
    } catch {
      throw .badTOML(file: path, error)
    }
  }

  static func write(_ value: Json, to path: String) throws(BundleError) { try NewFile.write(Array(value.text.utf8), to: path) }

  /// Makes a directory where it is missing.
  static func makeDirectory(_ path: String) throws(BundleError) {
    guard unsafe mkdir(path, 0o755) == 0 || posix_errno() == EEXIST else {
      throw .file(operation: "make the directory", path: path, number: posix_errno())
    }
  }
}

extension Json {
  fileprivate init(_ file: TOML) {
    self = .object([])
    for table in file.tables {
      let entries = table.entries.map { Member(key: $0.key, value: Json($0.value)) }
      // Tables inside this one may have come before it.
      var known: [Member] = []
      if case .object(let members)? = table.path.reduce(self as Json?, { $0?[$1] }) { known = members }
      self = replacing(table.path.map { Substring($0) }, with: .object(known + entries))
    }
  }

  private init(_ value: TOML.Value) {
    switch value {
    case .string(let text): self = .string(text)
    case .boolean(let value): self = .boolean(value)
    case .number(let number): self = Int(exactly: number).map { .integer($0) } ?? .number(number)
    case .array(let values): self = .array(values.map { Json($0) })
    }
  }
}
