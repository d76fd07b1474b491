/// Why a peer cannot start.
package enum PeerError: Error, Sendable, Equatable, CustomStringConvertible {
  case malformedAddress(String)
  case unknownHost(String)
  case remoteWithoutCredentials(ListenAddress)
  case cannotListen(ListenAddress, reason: String)

  package var description: String {
    switch self {
    case .malformedAddress(let text): "\"\(text)\" is not HOST:PORT; write for example 127.0.0.1:7433 or [::1]:7433"
    case .unknownHost(let host): "the host \"\(host)\" is not known; give an address of this machine"
    case .remoteWithoutCredentials(let address):
      "\(address) can be reached from other machines, and without encryption anyone there could read and send features; "
        + "listen on 127.0.0.1, or allow it with --insecure-allow-remote"
    case .cannotListen(let address, let reason): "cannot listen on \(address): \(reason)"
    }
  }
}
