import Split
import Synchronization
import Wire

/// Where a request comes from, what it asks for and since when.
struct RequestOrigin: Sendable {
  let client: Client
  let split: ServedSplit
  let since: Moment
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
  func count(_ outcome: Result<PeerResult, PeerErrorCode>, of origin: RequestOrigin) {
    let microseconds = (Moment.now.nanoseconds - origin.since.nanoseconds) / 1_000
    update { metrics in
      metrics.requests += 1
      metrics.splits[origin.split, default: SplitMetrics()].requests += 1
      switch outcome {
      case .success:
        metrics.answers += 1
        metrics.splits[origin.split]?.latency.add(microseconds)
      case .failure(.unknownFeatures): metrics.unknown += 1
      case .failure:
        metrics.failures += 1
        metrics.splits[origin.split]?.failures += 1
      }
    }
    update(origin.client) {
      switch outcome {
      case .success: $0.answers += 1
      case .failure(.unknownFeatures): break
      case .failure: $0.failures += 1
      }
    }
  }

  /// Counts for a client.
  func update(_ client: Client, _ change: (inout DeviceMetrics) -> Void) {
    let name = client.description
    metrics.withLock { metrics in
      guard metrics.devices[name] != nil || metrics.devices.count < PeerMetrics.mostDevices else { return }
      change(&metrics.devices[name, default: DeviceMetrics()])
    }
  }
}
