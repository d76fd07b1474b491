import CPosix

/// A file mapped into memory for reading, until the object goes. The file must not change meanwhile: shortened, its pages fault.
///
/// `@unchecked Sendable`: the mapping is set once, and only read.
@safe final class MappedFile: @unchecked Sendable {
  let path: String
  let bytes: UnsafeRawBufferPointer

  init(path: String) throws(BundleError) {
    self.path = path
    let descriptor = unsafe posix_open_read(path)
    guard descriptor >= 0 else { throw Self.failure("open", path) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw Self.failure("examine", path) }
    guard status.st_mode & mode_t(S_IFMT) != mode_t(S_IFDIR) else { throw .file(operation: "open", path: path, number: EISDIR) }
    guard let size = Int(exactly: status.st_size), size > 0 else { throw .truncated(field: "magic", offset: 0) }
    guard let start = unsafe posix_map_read(descriptor, size) else { throw Self.failure("map", path) }
    unsafe bytes = UnsafeRawBufferPointer(start: start, count: size)
  }

  deinit { unsafe munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

  private static func failure(_ operation: String, _ path: String) -> BundleError {
    .file(operation: operation, path: path, number: posix_errno())
  }
}

/// The operating system's words for an error number.
package func systemMessage(_ number: Int32) -> String {
  guard let text = unsafe strerror(number) else { return "error \(number)" }
  return unsafe String(cString: text)
}
