import Wire

/// What a device session wants done, in order.
package enum DeviceAction: Sendable, Equatable {
  /// Open a connection to the peer at that place in the list; then call `connected` or `connectFailed`.
  case connect(peer: Int)
  case send([UInt8])
  /// The request's one and only end.
  case finish(Result<RemoteAnswer, RemoteFailure>)
  /// Bytes to that peer and back took that long, without any work between.
  case measured(peer: Int, roundTripNanoseconds: Int64)
  /// Drop the connection, or the attempt at one. `closed` need not be called.
  case close
}

/// How patient a device is with its peers, and what it remembers of what it sent.
package struct DeviceSettings: Sendable, Equatable {
  /// The protocol versions offered.
  package var versions: ClosedRange<UInt8> = Protocol.versions
  /// Time without a byte from the peer before a ping, and between pings, in milliseconds, while a request is under way.
  package var pingMilliseconds: UInt32 = 400
  /// The same while there is none.
  package var idlePingMilliseconds: UInt32 = 10_000
  /// Unanswered pings after which the peer counts as gone.
  package var maximumPings = 3
  /// Bytes a second of the slowest link to wait for: a request that may still be on its way puts the first ping off.
  package var slowestLink: UInt32 = 16_384
  /// Names of features remembered as known to the peer, so that they need not be sent again.
  package var rememberedNames = 64
  /// Whether the peer is asked to keep features, so that the next request may send its differences from them.
  package var sendsDifferences = false
  /// Whether a request that every peer has failed asks them again until its deadline; else it ends.
  package var waitsForPeers = false
  /// The longest pause before that,
  package var longestPauseMilliseconds: UInt32 = 1_000
  /// and how long before the deadline they are asked for the last time.
  package var lastAskMilliseconds: UInt32 = 100
  package var rest = RestSettings()

  package init() {}
}

/// The protocol that this module speaks.
package enum Protocol {
  package static let versions: ClosedRange<UInt8> = 2...2
}
