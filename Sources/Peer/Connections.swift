import NIOCore
import Synchronization

/// The open connections.
final class Connections: Sendable {
  /// What becomes of a new connection.
  enum Admission: Sendable, Equatable {
    case serve(session: UInt32)
    case tooMany
    case draining
  }

  /// What a client has taken of its limits.
  private struct Usage {
    var connections = 0
    var requests = 0
    var bytes = 0
  }

  private struct State {
    var channels: [ObjectIdentifier: any Channel] = [:]
    var clients: [Client: Usage] = [:]
    var lastSession: UInt32 = 0
    var isDraining = false

    /// Gives back what a client took, and forgets a client that has taken nothing.
    mutating func release(_ client: Client, _ change: (inout Usage) -> Void) {
      guard var usage = clients[client] else { return }
      change(&usage)
      clients[client] = usage.connections == 0 && usage.requests == 0 ? nil : usage
    }
  }

  private let limit: Int
  /// Those of one client.
  private let limits: ClientLimits
  private let state = Mutex(State())

  init(limit: Int, client limits: ClientLimits) {
    self.limit = limit
    self.limits = limits
  }

  /// Counts a client's connection in until its channel closes.
  func admit(_ channel: any Channel, of client: Client) -> Admission {
    let admission = state.withLock { state -> Admission in
      guard !state.isDraining else { return .draining }
      let connections = state.clients[client]?.connections ?? 0
      guard state.channels.count < limit, connections < limits.connections else { return .tooMany }
      state.clients[client, default: Usage()].connections += 1
      state.channels[ObjectIdentifier(channel)] = channel
      state.lastSession = state.lastSession % .max + 1
      return .serve(session: state.lastSession)
    }
    if case .serve = admission { channel.closeFuture.whenComplete { _ in self.remove(channel, of: client) } }
    return admission
  }

  private func remove(_ channel: any Channel, of client: Client) {
    state.withLock { state in
      state.channels[ObjectIdentifier(channel)] = nil
      state.release(client) { $0.connections -= 1 }
    }
  }

  /// Counts a client's request, which holds so many bytes, in until `endRequest`; false where it has as much under way as it may.
  func beginRequest(of client: Client, bytes: Int) -> Bool {
    state.withLock { state in
      var usage = state.clients[client] ?? Usage()
      guard usage.requests < limits.requests, bytes <= limits.memory - usage.bytes else { return false }
      usage.requests += 1
      usage.bytes += bytes
      state.clients[client] = usage
      return true
    }
  }

  func endRequest(of client: Client, bytes: Int) {
    state.withLock { state in
      state.release(client) {
        $0.requests -= 1
        $0.bytes -= bytes
      }
    }
  }

  /// How many are open.
  var count: Int { state.withLock { $0.channels.count } }

  var isDraining: Bool { state.withLock { $0.isDraining } }

  /// Admits nobody from now on, and returns who is there.
  func drain() -> [any Channel] {
    state.withLock { state in
      state.isDraining = true
      return Array(state.channels.values)
    }
  }
}
