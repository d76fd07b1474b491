/// What is known of a peer's speed and load, smoothed.
package struct PeerEstimate: Sendable, Equatable {
  /// Microseconds a multiply–accumulate.
  package private(set) var pace: Smoothed
  /// Microseconds that a request waits for its turn.
  package private(set) var wait = Smoothed(guess: 0)

  /// How many times as fast as a device its peer is taken to be before anything is known: high, so that it is tried.
  package static let guessedSpeed = 8.0

  /// A guess.
  package init(microsecondsPerMultiplyAccumulate pace: Double) { self.pace = Smoothed(guess: pace) }

  /// A result came that took the peer so long, after it had waited.
  package mutating func sawResult(multiplyAccumulates: Double, microseconds: Double, waited: Double) {
    wait.add(waited)
    guard multiplyAccumulates > 0 else { return }
    pace.add(microseconds / multiplyAccumulates)
  }
}
