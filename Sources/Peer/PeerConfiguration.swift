package import Split

/// How a peer serves.
package struct PeerConfiguration: Sendable {
  package var listen = ListenAddress(host: "127.0.0.1", port: 7433)
  /// With these it speaks TLS.
  package var credentials: PeerCredentials?
  /// Serve other machines without encryption, or without knowing who they are.
  package var allowsInsecureRemote = false
  /// Connections at a time; more are told `busy`.
  package var maximumConnections = 1_024
  /// What one device may take of that.
  package var client = ClientLimits()
  /// Room for answers that may be asked for again, with their features, in bytes; 0 for none.
  package var cacheBytes = 64 << 20
  /// Where requests would wait for longer than this, in milliseconds, no more are taken: they are told `busy`.
  package var longestQueueMilliseconds: UInt32 = 1_000
  /// Which requests run together.
  package var batch = BatchLimits()
  /// Where metrics are shown over HTTP; nil for nowhere.
  package var metrics: ListenAddress?
  /// Connections there at a time, each for one request; more are closed.
  package var maximumMetricsConnections = 16
  /// How long each of those may take, in milliseconds.
  package var metricsMilliseconds: UInt32 = 5_000
  /// TLS handshakes under way at a time; beyond, the oldest is dropped.
  package var maximumHandshakes = 256
  /// From a connection to the end of its TLS handshake, in milliseconds.
  package var handshakeMilliseconds: UInt32 = 5_000
  /// Threads for the network. The model has one of its own.
  package var eventLoops = 1
  /// The longest that a shutdown waits for requests under way, in seconds.
  package var drainSeconds = 30
  package var session = PeerSettings()

  package init() {}
}
