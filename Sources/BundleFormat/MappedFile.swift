import CPosix

/// A file mapped into memory for reading, until the object goes. The file must not change meanwhile: shortened, its pages fault.
///
/// `@unchecked Sendable`: the mapping and the descriptor are set once, and only read.
@safe final class MappedFile: @unchecked Sendable {
  let path: String
  let bytes: UnsafeRawBufferPointer
  private let descriptor: Int32

  init(path: String) throws(BundleError) {
    self.path = path
    descriptor = unsafe posix_open_read(path)
    guard descriptor >= 0 else { throw .file(operation: "open", path: path, number: posix_errno()) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw Self.failure("examine", path, closing: descriptor) }
    guard status.st_mode & mode_t(S_IFMT) != mode_t(S_IFDIR) else {
      close(descriptor)
      throw .file(operation: "open", path: path, number: EISDIR)
    }
    guard let size = Int(exactly: status.st_size), size > 0 else {
      close(descriptor)
      throw .truncated(field: "magic", offset: 0)
    }
    guard let start = unsafe posix_map_read(descriptor, size) else { throw Self.failure("map", path, closing: descriptor) }
    unsafe bytes = UnsafeRawBufferPointer(start: start, count: size)
  }

  deinit {
    unsafe munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    close(descriptor)
  }

  private static func failure(_ operation: String, _ path: String, closing descriptor: Int32) -> BundleError {
    let number = posix_errno()
    close(descriptor)
    return .file(operation: operation, path: path, number: number)
  }

  /// Reads a part of the file past the mapping, so that pages which are only checked do not stay in memory.
  func read(_ range: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) throws(BundleError) {
    var done = 0
    while done < range.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done..<range.count])
      let count = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(range.lowerBound + done))
      if count < 0, posix_errno() == EINTR { continue }
      guard count >= 0 else { throw .file(operation: "read", path: path, number: posix_errno()) }
      guard count > 0 else { throw .truncated(field: "segments", offset: range.lowerBound + done) }
      done += count
    }
  }
}

/// The operating system's words for an error number.
package func systemMessage(_ number: Int32) -> String {
  guard let text = unsafe strerror(number) else { return "error \(number)" }
  return unsafe String(cString: text)
}
