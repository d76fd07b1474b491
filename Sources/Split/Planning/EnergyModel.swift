/// What a device's battery pays for.
package struct EnergyModel: Sendable, Equatable {
  /// Watts of the whole device while its processor waits.
  package let idleWatts: Double
  /// Watts of the whole device while its processor computes.
  package let busyWatts: Double
  package let joulesPerByteSent: Double
  package let joulesPerByteReceived: Double
  /// Joules that a radio takes after a transfer before it sleeps. (Balasubramanian et al. 2009: tail energy)
  package let tailJoules: Double

  package init(
    idleWatts: Double, busyWatts: Double, joulesPerByteSent: Double = 0, joulesPerByteReceived: Double = 0, tailJoules: Double = 0
  ) {
    self.idleWatts = idleWatts
    self.busyWatts = busyWatts
    self.joulesPerByteSent = joulesPerByteSent
    self.joulesPerByteReceived = joulesPerByteReceived
    self.tailJoules = tailJoules
  }

  /// Joules of a request that computes and waits for so many microseconds and transfers so many bytes.
  func joules(busy: Double, waiting: Double, sent: Double, received: Double) -> Double {
    let processor = (busyWatts * busy + idleWatts * waiting) / 1e6
    guard sent + received > 0 else { return processor }
    return processor + joulesPerByteSent * sent + joulesPerByteReceived * received + tailJoules
  }
}
