/// Where a peer listens: `host:port` or `[v6 address]:port`.
package struct PeerAddress: Sendable, Hashable, CustomStringConvertible {
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

  /// The addresses of a list parted by commas.
  package static func list(_ text: String) throws(DeviceError) -> [PeerAddress] {
    var addresses: [PeerAddress] = []
    for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      addresses.append(try PeerAddress(String(decoding: part, as: UTF8.self)))
    }
    return addresses
  }

  package var description: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
