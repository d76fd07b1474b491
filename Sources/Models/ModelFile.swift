import CPosix
import JSONFormat

/// Reading of a model's small files whole.
enum ModelFile {
  /// The largest JSON or vocabulary file in bytes.
  static let largestText = 64 << 20

  static func exists(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }

  static func text(_ path: String) throws(ImportError) -> [UInt8] {
    let file = try FileBytes(path)
    guard file.count <= largestText else { throw .tooLarge(file: path, bytes: file.count, limit: largestText) }
    return try file.read(0..<file.count)
  }

  /// The root of a JSON file.
  static func json(_ path: String) throws(ImportError) -> Field { try json(text(path), file: path) }

  static func json(_ bytes: [UInt8], file: String) throws(ImportError) -> Field {
    do throws(JsonError) {
      return Field(file: file, path: "", value: try JsonParser.parse(bytes))
    } catch {
      throw .badJson(file: file, offset: error.offset, expected: error.expected)
    }
  }
}
