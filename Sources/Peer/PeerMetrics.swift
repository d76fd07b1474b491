import Split
import Synchronization
import Wire

/// What a peer has done since it started.
package struct PeerMetrics: Sendable, Equatable {
  package internal(set) var connections = 0
  /// Connections over the limit, of all or of one device.
  package internal(set) var refusedConnections = 0
  /// TLS handshakes that failed, took too long or were too many.
  package internal(set) var failedHandshakes = 0
  /// Requests over a device's limit.
  package internal(set) var refusedRequests = 0
  /// Requests accepted: each ends as an answer, a failure or a miss.
  package internal(set) var requests = 0
  package internal(set) var answers = 0
  package internal(set) var failures = 0
  /// Requests by the name of features that are not at hand; the device sends these again, whole.
  package internal(set) var misses = 0
  package internal(set) var bytesIn = 0
  package internal(set) var bytesOut = 0
  /// What was done for the devices that showed a certificate, by name: for as many as `mostDevices`.
  package internal(set) var devices: [String: DeviceMetrics] = [:]

  static let mostDevices = 1_024
}

/// What a peer has done for one device.
package struct DeviceMetrics: Sendable, Equatable {
  package internal(set) var connections = 0
  package internal(set) var answers = 0
  /// Requests that got none.
  package internal(set) var failures = 0
  /// Connections and requests over the device's limits.
  package internal(set) var refusals = 0
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

  /// Counts for a client, where it is a device with a name.
  func update(_ client: Client, _ change: (inout DeviceMetrics) -> Void) {
    guard case .device(let name) = client else { return }
    metrics.withLock { metrics in
      guard metrics.devices[name] != nil || metrics.devices.count < PeerMetrics.mostDevices else { return }
      change(&metrics.devices[name, default: DeviceMetrics()])
    }
  }
}
