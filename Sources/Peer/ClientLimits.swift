/// How much of a peer one device may take. Beyond it is told `busy`.
package struct ClientLimits: Sendable, Equatable {
  package var connections = 32
  /// Requests under way, over all its connections.
  package var requests = 32
  /// Bytes that those, and their answers, may come to hold. A connection holds one more message while that arrives.
  package var memory = 64 << 20

  package init() {}
}
