package import CPosix
package import Split

/// Finds where a peer's host lies. Names are looked up by another thread, since name servers may take longer than a request has time. What
/// was found is taken until no connection to it can be opened, and after that where a lookup finds nothing.
package final class HostLookup {
  private let peer: PeerAddress
  /// Whether the host is an address, which never changes.
  private let isNumeric: Bool
  private var found: [posix_address] = []
  /// Which of them to try first: the next one after each connection that could not be opened in time.
  private var turn = 0
  /// Whether no connection to what was found could be opened.
  private var isDoubtful = false
  /// Can be read once a lookup is over; -1 where none runs.
  package private(set) var descriptor: Int32 = -1

  package init(_ peer: PeerAddress) {
    self.peer = peer
    var address = posix_address()
    isNumeric = posix_numeric_address(peer.host, "\(peer.port)", &address) == 1
    if isNumeric { found = [address] }
  }

  deinit { if descriptor >= 0 { CPosix.close(descriptor) } }

  /// Where it lies, what is to be tried first in front; empty where a lookup has to tell.
  package var addresses: [posix_address] { isDoubtful ? [] : inTurn }

  private var inTurn: [posix_address] {
    found.isEmpty ? [] : Array(found[(turn % found.count)...] + found[..<(turn % found.count)])
  }

  /// Begins a lookup, unless one runs.
  package func begin() throws(RemoteFailure) {
    guard descriptor < 0 else { return }
    descriptor = posix_lookup_begin(peer.host, "\(peer.port)")
    guard descriptor >= 0 else { throw .unreachable }
  }

  /// Ends the lookup, whose descriptor can be read. Returns where the host lies, as far as that is known.
  package func finish() -> [posix_address] {
    var answer = Array(repeating: posix_address(), count: Int(POSIX_LOOKUP_ADDRESSES))
    let count = Int(answer.withUnsafeMutableBufferPointer { posix_lookup_result(descriptor, $0.baseAddress) })
    if count > 0 { found = Array(answer[..<count]) }
    CPosix.close(descriptor)
    descriptor = -1
    isDoubtful = false
    return inTurn
  }

  /// No connection could be opened: the host may have moved.
  package func doubt() {
    isDoubtful = !isNumeric
    turn += 1
  }
}
