import Split
import TestSupport
import Testing

/// What the estimates make of transfers.
@Suite struct LinkEstimateTests {
  /// 10 ms, 8 Mbit/s up and 80 down: 1 and 0.1 µs a byte.
  private static let guess = LinkEstimate(roundTripMilliseconds: 10, upMegabits: 8, downMegabits: 80)

  @Test func aGuessHoldsUntilThereAreSamples() {
    #expect(Self.guess.roundTrip.mean == 10_000 && Self.guess.up.mean == 1 && Self.guess.down.mean == 0.1)
    var link = Self.guess
    link.sawTransfer(sent: 0, received: 0, microseconds: 1e9)
    link.sawTransfer(sent: 100, received: 100, microseconds: .nan)
    link.sawRoundTrip(microseconds: -1)
    link.sawRoundTrip(microseconds: .infinity)
    #expect(link == Self.guess)
  }

  /// RFC 6298, section 2.2: the first measurement replaces the guess, with half of it as deviation.
  @Test func theFirstSampleReplacesTheGuess() {
    var smoothed = Smoothed(guess: 3)
    smoothed.add(100)
    #expect(smoothed.mean == 100 && smoothed.deviation == 50)
  }

  /// RFC 6298, section 2.3: gains of 1/8 and 1/4, once there are enough samples.
  @Test func laterSamplesCountAnEighth() {
    var smoothed = Smoothed(guess: 0)
    for _ in 0..<100 { smoothed.add(80) }
    let deviation = smoothed.deviation
    smoothed.add(160)
    #expect((smoothed.mean - 90).magnitude < 1e-9 && (smoothed.deviation - (deviation * 3 / 4 + 20)).magnitude < 1e-9)
  }

  @Test func largeTransfersTellTheGoodput() {
    var chance = SeededGenerator(seed: 1)
    for (up, down, trip) in [(0.01, 0.01, 500.0), (0.4, 0.1, 5_000), (8, 2, 60_000)] {
      var link = Self.guess
      for _ in 0..<20 { link.sawRoundTrip(microseconds: trip * Double.random(in: 0.9...1.1, using: &chance)) }
      for _ in 0..<60 {
        let (sent, received) = (Int.random(in: 50_000...400_000, using: &chance), Int.random(in: 50...300, using: &chance))
        let noise = trip * Double.random(in: -0.1...0.1, using: &chance)
        link.sawTransfer(sent: sent, received: received, microseconds: trip + noise + Double(sent) * up + Double(received) * down)
      }
      #expect((link.up.mean / up - 1).magnitude < 0.1, "\(link.up.mean) for \(up)")
    }
  }

  /// What takes no longer than the round trip may vary says nothing of goodput.
  @Test func smallTransfersSpoilNothing() {
    var chance = SeededGenerator(seed: 2)
    var link = Self.guess
    for _ in 0..<20 { link.sawRoundTrip(microseconds: Double.random(in: 8_000...12_000, using: &chance)) }
    let before = link
    for _ in 0..<500 {
      link.sawTransfer(sent: 300, received: 80, microseconds: Double.random(in: 8_000...12_500, using: &chance))
    }
    #expect(link.up == before.up && link.down == before.down)
    // One that was held up for half a second.
    link.sawTransfer(sent: 300, received: 80, microseconds: 500_000)
    #expect(link.up.mean < 1.1)
    link.sawTransfer(sent: 200_000, received: 80, microseconds: 210_000)
    #expect((link.up.mean - 1).magnitude < 0.1)
  }

  /// But a link so slow that small transfers take long is found out by them.
  @Test func smallTransfersTellASlowLink() {
    var link = Self.guess
    for _ in 0..<10 { link.sawRoundTrip(microseconds: 10_000) }
    for _ in 0..<60 { link.sawTransfer(sent: 4_000, received: 400, microseconds: 10_000 + 4_000 * 20 + 400 * 2) }
    #expect((link.up.mean / 20 - 1).magnitude < 0.2, "\(link.up.mean)")
  }

  @Test func aPeersPaceIsThatOfItsResults() {
    var peer = PeerEstimate(microsecondsPerMultiplyAccumulate: 1)
    peer.sawResult(multiplyAccumulates: 0, microseconds: 50, waited: 10)
    #expect(peer.pace.mean == 1 && peer.wait.mean == 10)
    peer.sawResult(multiplyAccumulates: 1_000, microseconds: 50, waited: 10)
    #expect((peer.pace.mean - 0.05).magnitude < 1e-12)
  }
}
