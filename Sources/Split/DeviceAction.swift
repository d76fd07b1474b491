package import Wire

/// What a device session wants done, in order.
package enum DeviceAction: Sendable, Equatable {
  /// Open a connection; then call `connected` or `connectFailed`. After a goodbye, prefer another address.
  case connect
  case send([UInt8])
  /// The request's one and only end.
  case finish(Result<[UInt8], RemoteFailure>)
  /// Drop the connection, or the attempt at one. `closed` need not be called.
  case close
}

/// One run of the segments behind a split point.
package struct SplitRequest: Sendable, Equatable {
  /// The default time for an answer, from the caller's start.
  package static let defaultMilliseconds: UInt32 = 2_000

  /// The split point's index in the bundle.
  package let split: UInt16
  /// Rows in the features.
  package let sequence: UInt16
  package let features: EncodedFeatures
  /// When the caller stops waiting.
  package let deadline: Moment

  package init(split: UInt16, sequence: UInt16, features: EncodedFeatures, deadline: Moment) {
    self.split = split
    self.sequence = sequence
    self.features = features
    self.deadline = deadline
  }
}

/// How patient a device is with a silent link.
package struct DeviceSettings: Sendable, Equatable {
  /// The protocol versions offered.
  package var versions: ClosedRange<UInt8> = 1...1
  /// Time without a byte from the peer before a ping, and between pings, in milliseconds.
  package var pingMilliseconds: UInt32 = 400
  /// Unanswered pings after which the peer counts as gone.
  package var maximumPings = 3
  /// Bytes a second of the slowest link to wait for: a request that may still be on its way puts the first ping off.
  package var slowestLink: UInt32 = 16_384

  package init() {}
}
