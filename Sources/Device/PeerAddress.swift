import CPosix

/// Where a peer listens: `host:port` or `[v6 address]:port`. The host is a numeric address or a name in `/etc/hosts`; a static binary
/// carries no resolver.
package struct PeerAddress: Sendable, Hashable {
  package let host: String
  package let port: UInt16

  package init(_ text: String) throws(DeviceError) {
    let bytes = Array(text.utf8)
    guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")), colon > 0,
      let port = UInt16(String(decoding: bytes[(colon + 1)...], as: UTF8.self)), port > 0
    else { throw .badAddress(text) }
    var host = bytes[..<colon]
    if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") { host = host.dropFirst().dropLast() }
    guard !host.isEmpty else { throw .badAddress(text) }
    self.host = String(decoding: host, as: UTF8.self)
    self.port = port
  }

  /// The address in the system's form.
  func resolved() -> posix_address? {
    var address = posix_address()
    if posix_numeric_address(host, port, &address) == 1 { return address }
    guard let hosts = try? readFile("/etc/hosts", limit: 1 << 20) else { return nil }
    for line in hosts.split(separator: UInt8(ascii: "\n")) {
      let content = line.prefix { $0 != UInt8(ascii: "#") }
      let words = content.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.map { String(decoding: $0, as: UTF8.self) }
      if words.dropFirst().contains(host), posix_numeric_address(words[0], port, &address) == 1 { return address }
    }
    return nil
  }
}
