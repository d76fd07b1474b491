package import Split

/// Where an answer was computed.
package enum Place: String, Sendable {
  case local
  /// Begun here, finished by the peer.
  case peer
  /// The peer gave no answer in time; finished here.
  case localFallback = "local-fallback"
}

/// One output of a model.
package struct Output: Sendable {
  package let name: String
  package let values: [Float]
  /// Whether it is a vector of length 1, else logits or features.
  package let isEmbedding: Bool
}

/// What a model makes of a request, and how it came about.
package struct Answer: Sendable {
  /// Those that the request reaches: at least one.
  package let outputs: [Output]
  package let place: Place
  /// Why the peer did not answer, where it was asked and the answer is local.
  package let failure: RemoteFailure?
  package let modalities: [Modality]
  /// Tokens of the text, specials included; 0 without a text.
  package let tokens: Int
  package let milliseconds: Double
  /// Bytes over the socket for this request, frames and handshake included.
  package let bytesSent: Int
  package let bytesReceived: Int

  /// Whether something that was asked for could not be had.
  package var isDegraded: Bool { failure != nil }
}
