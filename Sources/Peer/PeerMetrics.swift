import Split
import Synchronization
import Wire

/// What a peer has done since it started.
package struct PeerMetrics: Sendable, Equatable {
  package internal(set) var connections = 0
  /// Connections over the limit.
  package internal(set) var refusedConnections = 0
  /// Requests accepted: each ends as an answer, a failure or a miss.
  package internal(set) var requests = 0
  package internal(set) var answers = 0
  package internal(set) var failures = 0
  /// Requests by the name of features that are not at hand; the device sends these again, whole.
  package internal(set) var misses = 0
  package internal(set) var bytesIn = 0
  package internal(set) var bytesOut = 0
}

extension PeerMetrics {
  /// Counts the end of a request.
  mutating func count(_ outcome: Result<PeerResult, PeerErrorCode>) {
    switch outcome {
    case .success: answers += 1
    case .failure(.unknownFeatures): misses += 1
    case .failure: failures += 1
    }
  }
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
