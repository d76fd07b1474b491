import CPosix

/// Writes files whole or not at all.
package enum NewFile {
  /// What the name of a temporary file ends with.
  package static let partialSuffix = ".partial"

  /// Writes to a temporary file beside `path`, has it stored, and gives it the name.
  package static func write(_ bytes: [UInt8], to path: String) throws(BundleError) {
    let result: Result<Void, BundleError> = unsafe bytes.withUnsafeBytes { pointer in
      Result { () throws(BundleError) in try unsafe write([pointer], to: path) }
    }
    try result.get()
  }

  /// The same with pieces, one after the other.
  package static func write(_ pieces: [UnsafeRawBufferPointer], to path: String) throws(BundleError) {
    let temporary = "\(path).\(getpid())\(partialSuffix)"
    do throws(BundleError) {
      try unsafe store(pieces, in: temporary)
      guard unsafe rename(temporary, path) == 0 else { throw .file(operation: "rename to", path: path, number: posix_errno()) }
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
  }

  private static func store(_ pieces: [UnsafeRawBufferPointer], in path: String) throws(BundleError) {
    let descriptor = unsafe posix_open_write(path)
    guard descriptor >= 0 else { throw failure(path) }
    do throws(BundleError) {
      for index in unsafe pieces.indices { try unsafe append(pieces[index], to: descriptor, path) }
      guard fsync(descriptor) == 0 else { throw failure(path) }
    } catch {
      close(descriptor)
      throw error
    }
    guard close(descriptor) == 0 else { throw failure(path) }
  }

  private static func append(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws(BundleError) {
    var written = 0
    while written < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written...])
      let count = unsafe CPosix.write(descriptor, rest.baseAddress, rest.count)
      if count < 0, posix_errno() == EINTR { continue }
      guard count >= 0 else { throw failure(path) }
      written += count
    }
  }

  private static func failure(_ path: String) -> BundleError { .file(operation: "write", path: path, number: posix_errno()) }
}
