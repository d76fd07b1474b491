/// What is known of the way to a peer: its round trip and how fast bytes pass, smoothed. Times are microseconds.
package struct LinkEstimate: Sendable, Equatable {
  /// Of a frame so small that its size does not matter.
  package private(set) var roundTrip: Smoothed
  /// Of a byte to the peer.
  package private(set) var up: Smoothed
  /// Of a byte from the peer.
  package private(set) var down: Smoothed
  /// Round trips that pass before a request can be sent: those of opening a connection, 0 while one is open.
  package var openingRoundTrips = 0

  /// Bytes that TCP sends at once on a new connection: fewer need not wait for the link, so that their time says little about it.
  /// (RFC 6928: 10 segments)
  package static let flight = 14_600

  /// What lies between a device and a peer, until transfers tell: a wireless network of one's own.
  package static let guessed = LinkEstimate(roundTripMilliseconds: 5, upMegabits: 20, downMegabits: 20)

  /// A guess. Goodput is in megabits (10^6) a second, above 0.
  package init(roundTripMilliseconds: Double, upMegabits: Double, downMegabits: Double) {
    roundTrip = Smoothed(guess: roundTripMilliseconds * 1_000)
    up = Smoothed(guess: 8 / upMegabits)
    down = Smoothed(guess: 8 / downMegabits)
  }

  /// The time from sending a few bytes to their answer: a connection's opening, a hello or a ping.
  package mutating func sawRoundTrip(microseconds: Double) { roundTrip.add(microseconds) }

  /// A request and its result crossed the link in that time, the peer's own time taken off. What is over a round trip is ascribed to both
  /// ways as they were expected to share it. A transfer below a flight weighs as much less as it is smaller, counts as at most four times
  /// as slow as expected, and weighs nothing at all where its time might as well be the round trip's own spread.
  package mutating func sawTransfer(sent: Int, received: Int, microseconds: Double) {
    let transfer = max(0, microseconds - roundTrip.mean)
    let (expectedUp, expectedDown) = (Double(sent) * up.mean, Double(received) * down.mean)
    let expected = expectedUp + expectedDown
    guard expected > 0 else { return }
    let isClear = transfer > max(roundTrip.mean / 2, 4 * roundTrip.deviation)
    Self.add(transfer * expectedUp / expected, bytes: sent, isClear: isClear, to: &up)
    Self.add(transfer * expectedDown / expected, bytes: received, isClear: isClear, to: &down)
  }

  private static func add(_ microseconds: Double, bytes: Int, isClear: Bool, to way: inout Smoothed) {
    guard bytes < flight else { return way.add(microseconds / Double(bytes)) }
    guard isClear, bytes > 0 else { return }
    way.add(min(microseconds / Double(bytes), 4 * way.mean), weight: Double(bytes) / Double(flight))
  }
}
