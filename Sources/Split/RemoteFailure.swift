package import Wire

/// Why a peer gave no answer. Never the end of the process: the caller falls back or tells its user.
package enum RemoteFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// Nothing listens at the address.
  case refused
  /// There is no way to the address, or it takes too long.
  case unreachable
  /// No address is known for the peer's name.
  case unknownHost
  /// All peers failed lately and are left alone for a while.
  case resting(milliseconds: UInt32)
  /// The connection ended before the answer.
  case closed
  case deadlinePassed
  /// The connection is open, and so many pings in a row went unanswered.
  case silent(pings: Int)
  case incompatibleBundle(device: BundlePrefix, peer: BundlePrefix)
  case incompatibleVersion(device: ClosedRange<UInt8>)
  /// The request doesn't fit the bundle: the caller's mistake, found before anything was sent.
  case unsuitableRequest
  case peer(PeerErrorCode)
  /// An error code that this device does not know.
  case unknownPeerError(code: UInt16)
  /// The peer's bytes were damaged or are not the protocol's.
  case damaged(WireError)
  /// A frame that has no place at this point of the session.
  case unexpected(FrameType)
  case tls(TLSFailure)

  package var description: String {
    switch self {
    case .refused: "the peer refused the connection; is tributary-peer running at this address?"
    case .unreachable: "the peer's address cannot be reached; check the address and the network"
    case .unknownHost: "the peer's host name has no address; check the name, the network and its name server"
    case .resting(let milliseconds): "every peer failed lately; the next try is in \(milliseconds) ms"
    case .closed: "the peer closed the connection before it answered"
    case .deadlinePassed: "the peer did not answer within the deadline"
    case .silent(let pings): "the peer has gone silent: \(pings) pings were not answered"
    case .incompatibleBundle(let device, let peer):
      "incompatible: this device holds bundle \(device)… and the peer holds \(peer)…; give both the same file"
    case .incompatibleVersion(let device):
      "incompatible: the peer speaks none of the protocol versions \(device.lowerBound) to \(device.upperBound); update the older side"
    case .unsuitableRequest: "the request does not fit the bundle's split points or the peer's longest sequence"
    case .peer(let code): "the peer answered with an error: \(code)"
    case .unknownPeerError(let code): "the peer answered with the unknown error \(code); update this device"
    case .damaged(let error): "the peer's bytes cannot be read: \(error)"
    case .unexpected(let type): "the peer broke the protocol with a frame of type \(type.rawValue)"
    case .tls(let failure): failure.description
    }
  }

  /// Whether asking again is of no use until one of the sides changes.
  var isMismatch: Bool {
    switch self {
    case .incompatibleBundle, .incompatibleVersion: true
    default: false
    }
  }

  /// Whether the same peers may well answer a little later.
  var isPassing: Bool {
    switch self {
    case .refused, .unreachable, .unknownHost, .resting, .closed, .silent, .peer(.busy), .peer(.clientLimit), .peer(.draining): true
    default: false
    }
  }

  var isSilence: Bool {
    if case .silent = self { true } else { false }
  }
}
