/// Why a peer cannot start.
package enum PeerError: Error, Sendable, Equatable, CustomStringConvertible {
  case malformedAddress(String)
  case unknownHost(String)
  case remoteWithoutCredentials(ListenAddress)
  /// A file that TLS cannot use.
  case credentials(path: String, reason: String)
  case cannotListen(ListenAddress, reason: String)
  case remoteMetrics(ListenAddress)
  case cannotShowMetrics(ListenAddress, reason: String)

  package var description: String {
    switch self {
    case .malformedAddress(let text): "\"\(text)\" is not HOST:PORT; write for example 127.0.0.1:7433 or [::1]:7433"
    case .unknownHost(let host): "the host \"\(host)\" is not known; give an address of this machine"
    case .remoteWithoutCredentials(let address):
      "\(address) can be reached from other machines, and without TLS in both directions anyone there could read and send features; "
        + "give --certificate, --key and --client-ca, listen on 127.0.0.1, or allow it with --insecure"
    case .credentials(let path, let reason): "\(path): \(reason)"
    case .cannotListen(let address, let reason), .cannotShowMetrics(let address, let reason): "cannot listen on \(address): \(reason)"
    case .remoteMetrics(let address):
      "\(address) can be reached from other machines, and anyone there could read which devices ask for what; "
        + "show metrics on 127.0.0.1, or allow it with --insecure"
    }
  }
}
