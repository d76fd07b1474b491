package import Split

/// How a peer serves.
package struct PeerConfiguration: Sendable {
  package var listen = ListenAddress(host: "127.0.0.1", port: 7433)
  /// Serve other machines without encryption and without knowing who they are.
  package var allowsInsecureRemote = false
  /// Connections at a time; more are told `busy`.
  package var maximumConnections = 1_024
  /// Threads for the network. The model has one of its own.
  package var eventLoops = 1
  /// The longest that a shutdown waits for requests under way, in seconds.
  package var drainSeconds = 30
  package var session = PeerSettings()

  package init() {}
}
