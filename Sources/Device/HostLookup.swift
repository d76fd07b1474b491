package import CPosix
package import Split

/// Finds where a peer's host lies. Names are looked up by another thread, since name servers may take longer than a request has time. What
/// was found is taken until no connection to it can be opened, and after that where a lookup finds nothing.
package final class HostLookup {
  private let peer: PeerAddress
  /// Whether the host is an address, which never changes.
  private let isNumeric: Bool
  private var found: posix_address?
  /// Whether no connection to what was found could be opened.
  private var isDoubtful = false
  /// Can be read once a lookup is over; -1 where none runs.
  package private(set) var descriptor: Int32 = -1

  package init(_ peer: PeerAddress) {
    self.peer = peer
    var address = posix_address()
    isNumeric = posix_numeric_address(peer.host, "\(peer.port)", &address) == 1
    if isNumeric { found = address }
  }

  deinit { if descriptor >= 0 { CPosix.close(descriptor) } }

  /// Where it lies; nil where a lookup has to tell.
  package var address: posix_address? { isDoubtful ? nil : found }

  /// Begins a lookup, unless one runs.
  package func begin() throws(RemoteFailure) {
    guard descriptor < 0 else { return }
    descriptor = posix_lookup_begin(peer.host, "\(peer.port)")
    guard descriptor >= 0 else { throw .unreachable }
  }

  /// Ends the lookup, whose descriptor can be read. Returns where the host lies, as far as that is known.
  package func finish() -> posix_address? {
    var answer = posix_address()
    if posix_lookup_result(descriptor, &answer) == 1 { found = answer }
    CPosix.close(descriptor)
    descriptor = -1
    isDoubtful = false
    return found
  }

  /// No connection could be opened: the host may have moved.
  package func doubt() { isDoubtful = !isNumeric }
}
