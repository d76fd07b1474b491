/// Where execution passes from the device to the peer.
package enum Handover: Sendable, Hashable {
  /// Nowhere: all of it runs on the device.
  case none
  /// At a split point, by its place in `Graph.splitPoints`.
  case split(Int)
  /// Before anything: the peer gets what the caller brought, as it came.
  case raw

  /// What stands for a split point before the first segment.
  package static let rawName = "input"

  /// The split point's name, of those in the order of `Graph.splitPoints`; nil where nothing is handed over.
  package func name(of splits: [String]) -> String? {
    switch self {
    case .none: nil
    case .split(let index): splits[index]
    case .raw: Self.rawName
    }
  }
}

/// One way to run a request, and what it is expected to take. Times are microseconds.
package struct Candidate: Sendable, Equatable {
  package let handover: Handover
  /// Preparing inputs and running segments.
  package let device: Double
  /// Storing and compressing features.
  package let encode: Double
  /// From the device's first byte to the peer's having all of them; opening the connection counts here.
  package let up: Double
  /// For the peer's turn, with what an earlier request lost to a peer that did not answer.
  package let wait: Double
  package let peer: Double
  package let down: Double
  /// The mean deviation of the whole.
  package let deviation: Double
  /// Over the link, frames included.
  package let bytesSent: Double
  package let bytesReceived: Double
  /// Nil where the device's energy is not known.
  package let joules: Double?

  package var latency: Double { device + encode + up + wait + peer + down }
  /// A time that is rarely exceeded: two deviations above the mean.
  package var latest: Double { latency + 2 * deviation }
  package var bytes: Double { bytesSent + bytesReceived }
}
