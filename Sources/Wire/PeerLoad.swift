/// How busy a peer is, as it tells a device with every welcome, result, error and pong.
package struct PeerLoad: Sendable, Hashable {
  /// How many more requests the peer takes from this session now.
  package let credits: UInt8
  /// Milliseconds that a request would wait now before it runs.
  package let wait: UInt16

  package init(credits: UInt8, wait: UInt16) {
    self.credits = credits
    self.wait = wait
  }

  /// What frames carry that tell nothing.
  package static let none = PeerLoad(credits: 0, wait: 0)
}

extension FrameHeader {
  package var load: PeerLoad {
    get { PeerLoad(credits: credits, wait: wait) }
    set { (credits, wait) = (newValue.credits, newValue.wait) }
  }
}
