import Synchronization

/// What a peer has done since it started.
package struct PeerMetrics: Sendable, Equatable {
  package internal(set) var connections = 0
  /// Connections over the limit.
  package internal(set) var refusedConnections = 0
  /// Requests accepted: each ends as an answer or a failure.
  package internal(set) var requests = 0
  package internal(set) var answers = 0
  package internal(set) var failures = 0
  package internal(set) var bytesIn = 0
  package internal(set) var bytesOut = 0
}

/// The counters of all connections.
final class MetricsCounter: Sendable {
  private let metrics = Mutex(PeerMetrics())

  var snapshot: PeerMetrics {
    metrics.withLock { $0 }
  }

  func update(_ change: (inout PeerMetrics) -> Void) {
    metrics.withLock { change(&$0) }
  }
}
