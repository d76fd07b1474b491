package import Split

/// Where an answer was computed.
package enum Place: String, Sendable {
  case local
  /// Begun here, finished by the peer.
  case peer
  /// The peer gave no answer in time; finished here.
  case localFallback = "local-fallback"
}

/// An embedding and how it came about.
package struct Answer: Sendable {
  /// Of length 1.
  package let embedding: [Float]
  package let place: Place
  /// Why the peer did not answer, where it was asked and the answer is local.
  package let failure: RemoteFailure?
  /// Tokens of the text, specials included.
  package let tokens: Int
  package let milliseconds: Double
  /// Bytes over the socket for this request, frames and handshake included.
  package let bytesSent: Int
  package let bytesReceived: Int

  /// Whether something that was asked for could not be had.
  package var isDegraded: Bool { failure != nil }
}
