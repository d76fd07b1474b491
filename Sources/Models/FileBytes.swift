import BundleFormat
import CPosix

/// A file opened for reading. Its bytes are copied when they are asked for, so that a file that shrinks later gives an error, not a signal.
final class FileBytes: Sendable {
  let path: String
  /// The size when it was opened.
  let count: Int
  private let descriptor: Int32

  init(_ path: String) throws(ImportError) {
    self.descriptor = unsafe posix_open_read(path)
    self.path = path
    guard descriptor >= 0 else { throw .unreadable(file: path, reason: Self.reason) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      close(descriptor)
      throw .unreadable(file: path, reason: Self.reason)
    }
    guard status.st_mode & mode_t(S_IFMT) == mode_t(S_IFREG) else {
      close(descriptor)
      throw .unreadable(file: path, reason: "it is no ordinary file")
    }
    self.count = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Copies a range, which lies inside the file.
  func read(_ range: Range<Int>) throws(ImportError) -> [UInt8] {
    var done = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
      while done < range.count {
        let count = unsafe pread(descriptor, buffer.baseAddress.map { unsafe $0 + done }, range.count - done, range.lowerBound + done)
        if count <= 0 { break }
        done += count
      }
      filled = done
    }
    guard done == range.count else { throw .unreadable(file: path, reason: "it ends at byte \(range.lowerBound + done)") }
    return bytes
  }

  private static var reason: String { systemMessage(posix_errno()) }
}
