package import Split

/// How and with whom execution is split.
package struct SplitOptions: Sendable {
  /// In the order of preference, at least one.
  package let peers: [PeerAddress]
  package let course: SplitCourse
  /// From the caller's start to the answer, also where the answer is local.
  package let deadlineMilliseconds: Int
  /// Whether a local answer is wanted where the peers give none.
  package let fallback: Bool
  /// Whether requests follow one another and are alike, so that differences are worth sending.
  package let isStream: Bool
  /// Where the peers speak TLS.
  package let tls: TLSFiles?
  /// The share of features that is sent, one of the bundle's rate points; nil for all.
  package let rate: Float?

  package init(
    peers: [PeerAddress], course: SplitCourse, deadlineMilliseconds: Int, fallback: Bool, isStream: Bool = false, tls: TLSFiles? = nil,
    rate: Float? = nil
  ) {
    self.peers = peers
    self.course = course
    self.deadlineMilliseconds = deadlineMilliseconds
    self.fallback = fallback
    self.isStream = isStream
    self.tls = tls
    self.rate = rate
  }
}

/// Where requests pass from the device to a peer.
package enum SplitCourse: Sendable {
  /// Always at that split point, or before anything (`Handover.rawName`).
  case fixed(String)
  /// Where the planner says, request by request; it learns from each.
  case planned(SplitPlanner, Objective)
}
