package import Wire

/// What a peer session wants done, in order.
package enum PeerAction: Sendable, Equatable {
  case send([UInt8])
  /// Run the request and call `finished`. Accepted: it is answered unless the connection ends.
  case run(PeerJob)
  /// Send what is left, then close. `closed` need not be called.
  case close
}

/// An accepted request.
package struct PeerJob: Sendable, Equatable {
  package let request: UInt32
  /// The split point's index in the bundle.
  package let split: UInt16
  /// Rows in the features.
  package let sequence: UInt16
  package let features: EncodedFeatures
  /// The features' size before compression.
  package let featureBytes: Int
  /// When the device stops waiting: nothing should start after it.
  package let deadline: Moment
}

/// How patient a peer is with a device.
package struct PeerSettings: Sendable, Equatable {
  /// The protocol versions served.
  package var versions: ClosedRange<UInt8> = 1...1
  /// From the connection to the end of the hello, in milliseconds.
  package var helloMilliseconds: UInt32 = 5_000
  /// From a frame's first byte to its last, in milliseconds, beside the time that its body takes on the slowest link.
  package var frameMilliseconds: UInt32 = 2_000
  /// Bytes a second of the slowest link served.
  package var slowestLink: UInt32 = 16_384
  /// A session without a request for this long ends, in milliseconds.
  package var idleMilliseconds: UInt32 = 60_000
  /// How long a draining session waits for the device to leave, in milliseconds.
  package var drainMilliseconds: UInt32 = 500

  package init() {}
}
