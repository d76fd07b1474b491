import NIOCore

/// Where a peer listens.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
  package let host: String
  package let port: UInt16

  package init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// Reads `HOST:PORT`; an IPv6 address stands in brackets. Port 0 lets the system choose.
  package init(_ text: String) throws(PeerError) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
      throw .malformedAddress(text)
    }
    let host = text[..<colon]
    let isBracketed = host.first == "[" && host.last == "]" && host.count > 2
    guard !host.isEmpty, isBracketed || !host.contains(where: ":[]".contains) else { throw .malformedAddress(text) }
    self.init(host: String(isBracketed ? host.dropFirst().dropLast() : host), port: port)
  }

  package var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  /// The socket address, after a name was looked up.
  func resolved() throws(PeerError) -> SocketAddress {
    do {
      return try SocketAddress.makeAddressResolvingHost(host, port: Int(port))
    } catch {
      throw .unknownHost(host)
    }
  }
}

extension SocketAddress {
  /// Whether only this machine can reach the address.
  var isLoopback: Bool {
    switch self {
    case .v4: ipAddress?.hasPrefix("127.") ?? false
    case .v6: ipAddress == "::1"
    case .unixDomainSocket: true
    }
  }
}
