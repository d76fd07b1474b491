package import ModelGraph
package import Split

/// Where an answer was computed.
package enum Place: Sendable, Equatable {
  case local
  /// By that peer, all of it or what was left to do.
  case peer(PeerAddress)
  /// No peer gave an answer in time; finished here.
  case localFallback
  /// By the bundle's local fusion.
  case localFusion

  /// A word for it.
  package var name: String {
    switch self {
    case .local: "local"
    case .peer: "peer"
    case .localFallback: "local-fallback"
    case .localFusion: "local-fusion"
    }
  }
}

/// One output of a model.
package struct Output: Sendable {
  package let name: String
  package let values: [Float]
  /// Whether it is a vector of length 1, else logits or features.
  package let isEmbedding: Bool
}

/// What a request put on the wire.
package struct WireUse: Sendable, Equatable {
  /// Bytes over the socket for this request, frames and handshake included.
  package let sent: Int
  package let received: Int
  /// What the inputs as they came would have taken instead; nil where they have no form that can be sent.
  package let rawBytes: Int?
}

/// What a model makes of a request, and how it came about.
package struct Answer: Sendable {
  /// Those that the request reaches: at least one.
  package let outputs: [Output]
  package let place: Place
  /// Why no peer answered, where one was asked and the answer is local.
  package let failure: RemoteFailure?
  package let modalities: [Modality]
  /// Tokens of the text, specials included; 0 without a text.
  package let tokens: Int
  package let milliseconds: Double
  /// Nil where no peer was asked.
  package let wire: WireUse?
  /// Where execution passed, or was to pass, to a peer.
  package let handover: Handover
  /// What the planner considered; nil where it was not asked.
  package let plan: Plan?

  /// The same, so long after its request.
  func after(milliseconds: Double) -> Answer {
    Answer(
      outputs: outputs, place: place, failure: failure, modalities: modalities, tokens: tokens, milliseconds: milliseconds, wire: wire,
      handover: handover, plan: plan)
  }

  /// Whether something that was asked for could not be had.
  package var isDegraded: Bool { failure != nil }
}
