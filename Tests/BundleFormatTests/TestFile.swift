import Foundation
import Testing

/// A file in a folder of its own, removed when the test is over.
final class TestFile {
  let folder: URL
  let path: String

  init(_ bytes: [UInt8]? = nil) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("bundle-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.appendingPathComponent("model.gguf").path
    if let bytes { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Writes over bytes of the file, which keeps its size.
  func overwrite(_ bytes: [UInt8], at offset: Int) throws {
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.seek(toOffset: UInt64(offset))
    try handle.write(contentsOf: bytes)
    try handle.close()
  }

  func byteCount() throws -> Int { try Data(contentsOf: URL(fileURLWithPath: path)).count }

  func truncate(to size: Int) throws {
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.truncate(atOffset: UInt64(size))
    try handle.close()
  }
}

/// The bytes of a golden file.
func golden(_ name: String) throws -> [UInt8] {
  let url = try #require(Bundle.module.url(forResource: "Golden/\(name)", withExtension: nil))
  return Array(try Data(contentsOf: url))
}
