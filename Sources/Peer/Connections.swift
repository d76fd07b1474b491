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

  private struct State {
    var channels: [ObjectIdentifier: any Channel] = [:]
    var lastSession: UInt32 = 0
    var isDraining = false
  }

  private let limit: Int
  private let state = Mutex(State())

  init(limit: Int) {
    self.limit = limit
  }

  /// Counts a connection in until its channel closes.
  func admit(_ channel: any Channel) -> Admission {
    let admission = state.withLock { state -> Admission in
      guard !state.isDraining else { return .draining }
      guard state.channels.count < limit else { return .tooMany }
      state.channels[ObjectIdentifier(channel)] = channel
      state.lastSession = state.lastSession % .max + 1
      return .serve(session: state.lastSession)
    }
    if case .serve = admission { channel.closeFuture.whenComplete { _ in self.remove(channel) } }
    return admission
  }

  private func remove(_ channel: any Channel) {
    state.withLock { $0.channels[ObjectIdentifier(channel)] = nil }
  }

  /// Admits nobody from now on, and returns who is there.
  func drain() -> [any Channel] {
    state.withLock { state in
      state.isDraining = true
      return Array(state.channels.values)
    }
  }
}
