import Split
import Wire

/// What a peer shows of itself at one moment.
struct MetricsReport: Sendable {
  let metrics: PeerMetrics
  let openConnections: Int
  let queue: Int
  /// Milliseconds that a request would wait; nil where none is taken.
  let wait: UInt16?
  let isDraining: Bool

  /// In Prometheus' text format, version 0.0.4.
  var prometheus: String {
    var text = PrometheusText()
    text.add("connections_open", .gauge, "Connections that are open.", openConnections)
    text.add("queue", .gauge, "Requests that are not answered yet.", queue)
    text.add("wait_milliseconds", .gauge, "How long a request would wait; -1 where none is taken.", wait.map { Int($0) } ?? -1)
    text.add("connections_total", .counter, "Connections that got a session.", metrics.connections)
    text.add("connections_refused_total", .counter, "Connections over a limit.", metrics.refusedConnections)
    text.add("handshakes_failed_total", .counter, "TLS handshakes that came to nothing.", metrics.failedHandshakes)
    text.add("requests_refused_total", .counter, "Requests over a limit.", metrics.refusedRequests)
    text.add("cache_hits_total", .counter, "Requests answered from the cache.", metrics.cacheHits)
    text.add("cache_misses_total", .counter, "Requests whose answers were not in the cache.", metrics.cacheMisses)
    text.add("batch_requests", "Requests that ran together.", unit: 1, [([], metrics.batches)])
    text.add("received_bytes_total", .counter, "Bytes from devices, without TLS.", metrics.bytesIn)
    text.add("sent_bytes_total", .counter, "Bytes to devices, without TLS.", metrics.bytesOut)
    text.add(
      "errors_total", .counter, "Errors told to devices.",
      metrics.errors.sorted { $0.key.rawValue < $1.key.rawValue }.map { ([("code", $0.key.label)], $0.value) })
    addSplits(to: &text)
    addDevices(to: &text)
    return text.text
  }

  private func addSplits(to text: inout PrometheusText) {
    let splits = metrics.splits.map { (labels: [("bundle", "\($0.key.bundle)"), ("split", $0.key.split)], metrics: $0.value) }
      .sorted { ($0.labels[0].1, $0.labels[1].1) < ($1.labels[0].1, $1.labels[1].1) }
    text.add("requests_total", .counter, "Requests taken to an end.", splits.map { ($0.labels, $0.metrics.requests) })
    text.add("answers_total", .counter, "Requests answered.", splits.map { ($0.labels, $0.metrics.answers) })
    text.add("failures_total", .counter, "Requests that failed.", splits.map { ($0.labels, $0.metrics.failures) })
    text.add(
      "answer_seconds", "From a request's last byte to its answer.", unit: 1_000_000, splits.map { ($0.labels, $0.metrics.latency) })
  }

  private func addDevices(to text: inout PrometheusText) {
    let devices = metrics.devices.sorted { $0.key < $1.key }.map { (labels: [("device", $0.key)], metrics: $0.value) }
    text.add("device_connections_total", .counter, "A device's connections.", devices.map { ($0.labels, $0.metrics.connections) })
    text.add("device_answers_total", .counter, "A device's answers.", devices.map { ($0.labels, $0.metrics.answers) })
    text.add("device_failures_total", .counter, "A device's requests that failed.", devices.map { ($0.labels, $0.metrics.failures) })
    text.add("device_refusals_total", .counter, "What a device wanted over its limits.", devices.map { ($0.labels, $0.metrics.refusals) })
  }
}

extension PeerErrorCode {
  /// Its name in metrics.
  fileprivate var label: String {
    switch self {
    case .malformed: "malformed"
    case .incompatibleVersion: "incompatible-version"
    case .incompatibleBundle: "incompatible-bundle"
    case .unknownPlan: "unknown-plan"
    case .sequenceTooLong: "sequence-too-long"
    case .bodySize: "body-size"
    case .malformedFeatures: "malformed-features"
    case .deadlinePassed: "deadline-passed"
    case .busy: "busy"
    case .draining: "draining"
    case .tooSlow: "too-slow"
    case .internal: "internal"
    case .unknownFeatures: "unknown-features"
    case .unsuitableInput: "unsuitable-input"
    case .clientLimit: "client-limit"
    }
  }
}
