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
  /// Requests over a device's limit, or that would have waited too long.
  package internal(set) var refusedRequests = 0
  /// Requests taken to an end: each is an answer, a failure or unknown.
  package internal(set) var requests = 0
  package internal(set) var answers = 0
  package internal(set) var failures = 0
  /// Requests by the name of features that are not at hand; the device sends these again, whole.
  package internal(set) var unknown = 0
  /// Requests whose answers were in the cache, or were not.
  package internal(set) var cacheHits = 0
  package internal(set) var cacheMisses = 0
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
  /// Requests that failed.
  package internal(set) var failures = 0
  /// Connections and requests over the device's limits.
  package internal(set) var refusals = 0
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

  /// Counts a request that has come to its end.
  func count(_ outcome: Result<PeerResult, PeerErrorCode>, of job: PeerJob, _ client: Client) {
    update {
      $0.requests += 1
      switch outcome {
      case .success: $0.answers += 1
      case .failure(.unknownFeatures): $0.unknown += 1
      case .failure: $0.failures += 1
      }
    }
    update(client) {
      switch outcome {
      case .success: $0.answers += 1
      case .failure(.unknownFeatures): break
      case .failure: $0.failures += 1
      }
    }
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
