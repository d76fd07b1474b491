package import Wire

/// One run of a model, or of its segments behind a split point, by a peer.
package struct SplitRequest: Sendable, Equatable {
  /// The default time for an answer, from the caller's start.
  package static let defaultMilliseconds: UInt32 = 2_000

  /// What the peer begins with.
  package enum Body: Sendable, Equatable {
    /// What crosses at a split point, the index of one in the bundle.
    case features([UInt8], split: UInt16)
    /// The inputs as they came.
    case raw(RawInputs)
  }

  package let body: Body
  /// Tokens of the request; 1 where it brings none or the peer is to count them.
  package let sequence: UInt16
  /// The graph's inputs that the request brings, a bit each.
  package let present: UInt16
  /// When the caller stops waiting.
  package let deadline: Moment

  package init(_ body: Body, sequence: UInt16 = 1, present: UInt16, deadline: Moment) {
    self.body = body
    self.sequence = sequence
    self.present = present
    self.deadline = deadline
  }

  /// The split point as frames name it.
  var split: UInt16 {
    switch body {
    case .features(_, let split): split
    case .raw: PlanID.raw
    }
  }
}

/// A peer's answer and what it took to get it.
package struct RemoteAnswer: Sendable, Equatable {
  /// The float32 rows of each output that the request reached, little-endian.
  package let body: [UInt8]
  /// Tokens of the request, which the peer counted where the inputs were raw.
  package let sequence: UInt16
  package let exchange: Exchange
}

/// A request's way to a peer and back.
package struct Exchange: Sendable, Equatable {
  /// The peer's place in the list.
  package let peer: Int
  /// How the features were sent the last time.
  package let encoding: BodyEncoding
  /// Bytes of the frames that carried the request the last time, and of the answer's.
  package let bytesSent: Int
  package let bytesReceived: Int
  /// Nanoseconds from the moment the request was sent the last time until its answer was there.
  package let nanoseconds: Int64
  /// How much of it the peer waited and computed, in microseconds, as it says.
  package let peerMicroseconds: UInt32
  /// How busy the peer was then.
  package let load: PeerLoad
}
