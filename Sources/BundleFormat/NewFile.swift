import CPosix

/// Writes files whole or not at all.
package enum NewFile {
  /// Writes to a temporary file beside `path`, has it stored, and gives it the name.
  package static func write(_ bytes: [UInt8], to path: String) throws(BundleError) {
    let temporary = "\(path).\(getpid()).partial"
    do throws(BundleError) {
      try store(bytes, in: temporary)
      guard unsafe rename(temporary, path) == 0 else { throw .file(operation: "rename to", path: path, number: posix_errno()) }
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
  }

  private static func store(_ bytes: [UInt8], in path: String) throws(BundleError) {
    let descriptor = unsafe posix_open_write(path)
    guard descriptor >= 0 else { throw failure(path) }
    do throws(BundleError) {
      try append(bytes, to: descriptor, path)
      guard fsync(descriptor) == 0 else { throw failure(path) }
    } catch {
      close(descriptor)
      throw error
    }
    guard close(descriptor) == 0 else { throw failure(path) }
  }

  private static func append(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(BundleError) {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes[written...].withUnsafeBytes { unsafe CPosix.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, posix_errno() == EINTR { continue }
      guard count >= 0 else { throw failure(path) }
      written += count
    }
  }

  private static func failure(_ path: String) -> BundleError { .file(operation: "write", path: path, number: posix_errno()) }
}
