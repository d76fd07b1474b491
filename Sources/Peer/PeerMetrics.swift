package import Wire

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
  /// How many requests ran together, each time that features were run.
  package internal(set) var batches = Histogram.batches
  package internal(set) var bytesIn = 0
  package internal(set) var bytesOut = 0
  /// The errors told within sessions.
  package internal(set) var errors: [PeerErrorCode: Int] = [:]
  /// What was done for devices, by name or address: for as many as `mostDevices`.
  package internal(set) var devices: [String: DeviceMetrics] = [:]
  package internal(set) var splits: [ServedSplit: SplitMetrics] = [:]

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

/// A split point of a bundle that was asked for.
package struct ServedSplit: Sendable, Hashable {
  package let bundle: BundlePrefix
  package let split: String
}

/// What a peer has done for requests from one split point on.
package struct SplitMetrics: Sendable, Equatable {
  package internal(set) var requests = 0
  package internal(set) var failures = 0
  /// Of the answers, from the request's last byte.
  package internal(set) var latency = Histogram.latencies

  package var answers: Int { latency.count }
}
