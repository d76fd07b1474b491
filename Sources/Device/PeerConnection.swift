import CPosix
package import Split

/// Drives a device session over a TCP socket on the calling thread.
package final class PeerConnection {
  /// Bytes that went over the socket, frames and all.
  package private(set) var bytesSent = 0
  package private(set) var bytesReceived = 0
  /// Times, in nanoseconds, that a few bytes took to a peer and back, since they were last taken.
  private var roundTrips: [Int64] = []
  private let addresses: [PeerAddress]
  private var session: DeviceSession
  private var socket: Int32 = -1
  private var isConnecting = false
  private var outgoing: [UInt8] = []
  private var outcome: Result<RemoteAnswer, RemoteFailure>?

  /// To the first of those peers that works; `dictionary` is the bundle's for features.
  package init(addresses: [PeerAddress], contract: BundleContract, settings: DeviceSettings, dictionary: [UInt8]) {
    self.addresses = addresses
    session = DeviceSession(
      contract: contract, peers: addresses.count, settings: settings, dictionary: dictionary, seed: posix_random())
  }

  deinit { closeSocket() }

  /// Runs one request; returns by its deadline, whatever the peers and the network do.
  package func request(_ request: SplitRequest) -> Result<RemoteAnswer, RemoteFailure> {
    outcome = nil
    perform(session.submit(request, now: .now))
    while true {
      if let outcome { return outcome }
      advance(until: nil)
    }
  }

  /// Keeps the connection alive until there is something to read on `descriptor`.
  package func rest(untilReadable descriptor: Int32) {
    while !advance(until: descriptor) {}
  }

  /// Whether the next request need not wait for a connection.
  package var isOpen: Bool { session.isReady }

  /// Whether every peer failed lately and is left alone.
  package var isResting: Bool { session.isResting(now: .now) }

  /// The round trips measured since the last call, in nanoseconds.
  package func takeRoundTrips() -> [Int64] {
    defer { roundTrips = [] }
    return roundTrips
  }

  /// Takes leave of the peer.
  package func leave() {
    perform(session.leave())
  }

  private func perform(_ actions: [DeviceAction]) {
    for action in actions {
      switch action {
      case .connect(let peer): connect(to: addresses[peer])
      case .send(let bytes):
        outgoing += bytes
        flush()
      case .measured(_, let nanoseconds): roundTrips.append(nanoseconds)
      case .finish(let result): outcome = result
      case .close: closeSocket()
      }
    }
  }

  private func connect(to address: PeerAddress) {
    closeSocket()
    guard var target = address.resolved() else { return perform(session.connectFailed(.unreachable, now: .now)) }
    socket = posix_connect_begin(&target)
    guard socket >= 0 else { return perform(session.connectFailed(.connecting(posix_errno()), now: .now)) }
    isConnecting = true
  }

  /// Waits for the socket or the session's next moment, and lets the session act on what came. True as soon as `descriptor` is readable.
  @discardableResult
  private func advance(until descriptor: Int32?) -> Bool {
    let now = Moment.now
    let patience = session.wakeUp.map { Int32(clamping: now.milliseconds(until: $0)) + 1 } ?? -1
    let ready = posix_wait_either(socket, isConnecting || !outgoing.isEmpty ? 1 : 0, descriptor ?? -1, patience)
    if ready & Int32(POSIX_OTHER_READY) != 0 { return true }
    if ready & Int32(POSIX_SOCKET_READY) != 0 {
      if isConnecting {
        completeConnection()
      } else {
        flush()
        receive()
      }
    }
    perform(session.tick(now: .now))
    return false
  }

  private func completeConnection() {
    isConnecting = false
    let number = posix_connect_result(socket)
    if number == 0 {
      perform(session.connected(now: .now))
    } else {
      closeSocket()
      perform(session.connectFailed(.connecting(number), now: .now))
    }
  }

  private func flush() {
    while socket >= 0, !outgoing.isEmpty {
      let count = outgoing.withUnsafeBytes { posix_send(socket, $0.baseAddress, $0.count) }
      if count <= 0 {
        if posix_would_block() == 0 { lose() }
        return
      }
      bytesSent += count
      outgoing.removeFirst(count)
    }
  }

  private func receive() {
    guard socket >= 0 else { return }
    var chunk = [UInt8](repeating: 0, count: 1 << 14)
    let count = chunk.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
    if count > 0 {
      bytesReceived += count
      perform(session.received(chunk.span.extracting(0..<count), now: .now))
    } else if count == 0 || posix_would_block() == 0 {
      lose()
    }
  }

  private func lose() {
    closeSocket()
    perform(session.closed(now: .now))
  }

  private func closeSocket() {
    if socket >= 0 { close(socket) }
    socket = -1
    isConnecting = false
    outgoing = []
  }
}

extension Moment {
  /// The system's monotonic clock.
  package static var now: Moment { Moment(nanoseconds: posix_monotonic_ns()) }
}

extension RemoteFailure {
  /// Why a connection could not be opened, from the system's error number.
  fileprivate static func connecting(_ number: Int32) -> RemoteFailure { number == ECONNREFUSED ? .refused : .unreachable }
}
