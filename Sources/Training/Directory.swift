import BundleFormat
import Glibc

/// Directories that a training writes to.
enum Directory {
  /// Makes one where it is missing; that which holds it must be there.
  static func make(_ path: String) throws(TrainingError) {
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
      throw .unwritable(.file(operation: "make the directory", path: path, number: errno))
    }
  }

  /// The names of what is in it; none where it cannot be read.
  static func names(_ path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names
  }
}
