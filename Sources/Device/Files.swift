import BundleFormat
import CPosix
package import Split

/// The bytes of a file of at most `limit` bytes.
package func readFile(_ path: String, limit: Int) throws(DeviceError) -> [UInt8] {
  let descriptor = posix_open_read(path)
  guard descriptor >= 0 else { throw .unreadable(path: path, number: posix_errno()) }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    if count == 0 { return bytes }
    guard count > 0 else {
      if posix_errno() == EINTR { continue }
      throw .unreadable(path: path, number: posix_errno())
    }
    bytes += chunk[..<count]
    guard bytes.count <= limit else { throw .tooLarge(path: path, limit: limit) }
  }
}

/// Writes a file whole or not at all.
package func writeFile(_ bytes: [UInt8], to path: String) throws(DeviceError) {
  do throws(BundleError) { try NewFile.write(bytes, to: path) } catch {
    if case .file(_, _, let number) = error { throw .unwritable(path: path, number: number) }
    throw .bundle(path: path, error)
  }
}

/// The largest profile in bytes.
package let profileLimit = 1 << 20

/// Reads a profile.
package func readProfile(_ path: String) throws(DeviceError) -> DeviceProfile {
  let text = try readFile(path, limit: profileLimit)
  do throws(ProfileError) { return try DeviceProfile(text) } catch { throw .profile(path: path, error) }
}

/// The non-empty lines of a text file, at least one, without the white space around them.
package func readLines(_ path: String, limit: Int = 1 << 20) throws(DeviceError) -> [String] {
  let parts = try readFile(path, limit: limit).split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
  let lines = parts.map { line in
    let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    let start = line.firstIndex { !isSpace($0) } ?? line.endIndex
    let end = line.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start
    return String(decoding: line[start..<end], as: UTF8.self)
  }.filter { !$0.isEmpty }
  guard !lines.isEmpty else { throw .noText(path: path) }
  return lines
}
