package import Foundation

/// A directory that disappears with its last user.
package final class TemporaryDirectory {
  package let path: String

  package convenience init() throws { try self.init(under: FileManager.default.temporaryDirectory.path) }

  package init(under parent: String) throws {
    path = parent + "/tributary-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  /// With copies of the files of another directory.
  package convenience init(copying source: URL) throws {
    try self.init()
    for file in try FileManager.default.contentsOfDirectory(at: source, includingPropertiesForKeys: nil) {
      try FileManager.default.copyItem(atPath: file.path, toPath: path + "/" + file.lastPathComponent)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  package func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let file = path + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  package func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }

  /// Rewrites a text file.
  package func edit(_ name: String, _ old: String, _ new: String) throws {
    let text = try String(contentsOfFile: path + "/" + name, encoding: .utf8)
    try write(name, text.replacingOccurrences(of: old, with: new).utf8)
  }
}
