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
  package let bundle: BundleHash
  /// The split point's index in the bundle, or `PlanID.raw`: then the body is `RawInputs`.
  package let split: UInt16
  /// Tokens of the request.
  package let sequence: UInt16
  /// The graph's inputs that the request brings, a bit each.
  package let present: UInt16
  package let features: EncodedFeatures
  /// The features' size once decoded; 0 for raw inputs.
  package let featureBytes: Int
  /// The features that these are differences from.
  package let base: [UInt8]?
  /// When the device stops waiting: nothing should start after it.
  package let deadline: Moment
}

/// What a job has come to.
package struct PeerResult: Sendable, Equatable {
  /// The rows of the outputs, as many bytes as the contract says.
  package let body: [UInt8]
  /// Tokens of the request, counted where the inputs were raw.
  package let sequence: UInt16
  /// The decoded features; empty for raw inputs.
  package let features: [UInt8]

  package init(body: [UInt8], sequence: UInt16, features: [UInt8]) {
    self.body = body
    self.sequence = sequence
    self.features = features
  }
}

/// How patient a peer is with a device, and what it grants one.
package struct PeerSettings: Sendable, Equatable {
  /// The protocol versions served.
  package var versions: ClosedRange<UInt8> = Protocol.versions
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
  /// Requests under way at once in a session, 1 to 255.
  package var credits: UInt8 = 4
  /// The most that raw inputs may have, in KiB; 0 where none are taken.
  package var rawKibibytes: UInt16 = 4_096
  /// How long features are kept for differences after the last request, in milliseconds.
  package var keepMilliseconds: UInt32 = 5_000

  package init() {}
}
