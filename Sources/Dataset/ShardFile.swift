import CPosix

/// A shard opened for reading. Its bytes are copied when they are asked for: one that shrinks meanwhile gives an error, not a signal.
final class ShardFile: Sendable {
  let path: String
  /// The size when it was opened.
  let count: Int
  private let descriptor: Int32

  init(_ path: String) throws(DatasetError) {
    self.path = path
    descriptor = unsafe posix_open_read(path)
    guard descriptor >= 0 else { throw .unreadable(file: path, reason: systemReason()) }
    var status = stat()
    let isKnown = unsafe fstat(descriptor, &status) == 0
    guard isKnown, status.st_mode & mode_t(S_IFMT) == mode_t(S_IFREG) else {
      let reason = isKnown ? "it is no ordinary file" : systemReason()
      close(descriptor)
      throw .unreadable(file: path, reason: reason)
    }
    count = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Copies a range, which lies inside the file.
  func read(_ range: Range<Int>) throws(DatasetError) -> [UInt8] {
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
      while filled < range.count {
        let rest = unsafe buffer.baseAddress.map { unsafe $0 + filled }
        let count = unsafe pread(descriptor, rest, range.count - filled, range.lowerBound + filled)
        if count < 0, posix_errno() == EINTR { continue }
        if count <= 0 { break }
        filled += count
      }
    }
    guard bytes.count == range.count else { throw .unreadable(file: path, reason: "it ends at byte \(range.lowerBound + bytes.count)") }
    return bytes
  }
}

/// The whole file, which is at most `limit` bytes long.
func contents(of path: String, limit: Int) throws(DatasetError) -> [UInt8] {
  let file = try ShardFile(path)
  guard file.count <= limit else { throw .unreadable(file: path, reason: "it has \(file.count) bytes, more than \(limit)") }
  return try file.read(0..<file.count)
}

private func systemReason() -> String {
  guard let text = unsafe strerror(posix_errno()) else { return "error \(posix_errno())" }
  return unsafe String(cString: text)
}
