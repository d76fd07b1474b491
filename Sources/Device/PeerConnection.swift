import CPosix
package import Split

/// Drives a device session over a connection on the calling thread: TCP, or TLS over it.
package final class PeerConnection {
  /// Times, in nanoseconds, that a few bytes took to a peer and back, since they were last taken: the latest of them.
  private var roundTrips: [Int64] = []
  private static let rememberedRoundTrips = 16
  /// One for each peer.
  private let hosts: [HostLookup]
  /// In the same order; none where they speak no TLS.
  private let clients: [TLSClient]
  private var session: DeviceSession
  private var transport = Transport()
  private var outgoing: [UInt8] = []
  private var outcome: Result<RemoteAnswer, RemoteFailure>?

  /// To the first of those peers that works; `dictionary` is the bundle's for features. Reads the files for TLS, where the peers speak it.
  package init(
    addresses: [PeerAddress], contract: BundleContract, settings: DeviceSettings, dictionary: [UInt8], tls: TLSFiles?
  ) throws(DeviceError) {
    hosts = addresses.map { HostLookup($0) }
    var clients: [TLSClient] = []
    if let tls {
      for address in addresses { clients.append(try TLSClient(tls, host: address.host)) }
    }
    self.clients = clients
    session = DeviceSession(
      contract: contract, peers: addresses.count, settings: settings, dictionary: dictionary, seed: posix_random())
  }

  /// Bytes that went over the socket, frames and all.
  package var bytesSent: Int { clients.reduce(transport.plainSent) { $0 + $1.bytesSent } }
  package var bytesReceived: Int { clients.reduce(transport.plainReceived) { $0 + $1.bytesReceived } }

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

  /// The latest round trips measured since the last call, in nanoseconds.
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
      case .connect(let peer): connect(to: peer)
      case .send(let bytes):
        outgoing += bytes
        flush()
      case .measured(_, let nanoseconds): roundTrips = roundTrips.suffix(Self.rememberedRoundTrips - 1) + [nanoseconds]
      case .finish(let result): outcome = result
      case .close: close()
      }
    }
  }

  private func connect(to peer: Int) {
    do throws(RemoteFailure) {
      try transport.open(hosts[peer], tls: clients.isEmpty ? nil : clients[peer])
    } catch { failToConnect(error) }
  }

  /// Waits for the socket or the session's next moment, and lets the session act on what came. True as soon as `descriptor` is readable.
  @discardableResult
  private func advance(until descriptor: Int32?) -> Bool {
    let now = Moment.now
    let patience = session.wakeUp.map { Int32(clamping: now.milliseconds(until: $0)) + 1 } ?? -1
    let writes = transport.waitsToWrite(sending: !outgoing.isEmpty)
    let ready = posix_wait_either(transport.descriptor, writes ? 1 : 0, descriptor ?? -1, patience)
    if ready & Int32(POSIX_OTHER_READY) != 0 { return true }
    if ready & Int32(POSIX_SOCKET_READY) != 0 {
      if transport.isOpening {
        continueConnecting()
      } else {
        flush()
        receive()
      }
    }
    perform(session.tick(now: .now))
    return false
  }

  private func continueConnecting() {
    do throws(RemoteFailure) {
      if try transport.goOn() { perform(session.connected(now: .now)) }
    } catch { failToConnect(error) }
  }

  private func failToConnect(_ failure: RemoteFailure) {
    close()
    perform(session.connectFailed(failure, now: .now))
  }

  private func flush() {
    while !transport.isClosed, !outgoing.isEmpty {
      switch transport.send(outgoing) {
      case .moved(let count): outgoing.removeFirst(count)
      case .waits: return
      case .ended: lose()
      }
    }
  }

  private func receive() {
    guard !transport.isClosed else { return }
    var chunk = [UInt8](repeating: 0, count: 1 << 14)
    switch transport.receive(&chunk) {
    case .moved(let count):
      let bytes = chunk.span.extracting(0..<count)
      if transport.areTLS(bytes) { return lose(.tls(.spoken)) }
      perform(session.received(bytes, now: .now))
    case .waits: break
    case .ended: lose()
    }
  }

  private func lose(_ reason: RemoteFailure = .closed) {
    close()
    perform(session.closed(reason, now: .now))
  }

  private func close() {
    transport.close()
    outgoing = []
  }
}

extension Moment {
  /// The system's monotonic clock.
  package static var now: Moment { Moment(nanoseconds: posix_monotonic_ns()) }
}
