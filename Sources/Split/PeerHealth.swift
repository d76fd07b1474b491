/// How long a device leaves a peer alone that failed: full jitter under a bound that doubles with each failure in a row, so that many
/// devices don't come back at once, and from the third on a fixed pause before it (a circuit breaker).
package struct RestSettings: Sendable, Equatable {
  /// The bound of the jitter after the first failure, in milliseconds.
  package var firstMilliseconds: UInt32 = 100
  /// The most that the bound grows to.
  package var longestMilliseconds: UInt32 = 30_000
  /// Failures in a row from which the circuit is open.
  package var breakerFailures = 3
  /// How long it stays open at least.
  package var breakerMilliseconds: UInt32 = 1_000

  package init() {}
}

/// What a device knows of a peer's health.
struct PeerHealth: Sendable {
  /// In a row.
  private var failures = 0
  /// Until then it is not asked.
  private(set) var restsUntil: Moment?

  func isResting(_ now: Moment) -> Bool { restsUntil.map { now < $0 } ?? false }

  mutating func succeeded() {
    failures = 0
    restsUntil = nil
  }

  mutating func failed(_ now: Moment, _ settings: RestSettings, _ jitter: inout Jitter) {
    let bound = min(settings.longestMilliseconds, settings.firstMilliseconds << UInt32(min(failures, 16)))
    failures += 1
    let pause = failures >= settings.breakerFailures ? settings.breakerMilliseconds : 0
    restsUntil = now.adding(milliseconds: pause).adding(milliseconds: jitter.next(through: bound))
  }

  /// The two sides don't fit: no use to ask again soon.
  mutating func mismatched(_ now: Moment, _ settings: RestSettings, _ jitter: inout Jitter) {
    failures += 1
    let pause = settings.longestMilliseconds
    restsUntil = now.adding(milliseconds: pause).adding(milliseconds: jitter.next(through: pause))
  }

  /// It has no room just now.
  mutating func isBusy(_ now: Moment, wait: UInt16, _ settings: RestSettings, _ jitter: inout Jitter) {
    restsUntil = now.adding(milliseconds: jitter.next(through: max(settings.firstMilliseconds, UInt32(wait))))
  }
}

/// Numbers from a seed (SplitMix64, Steele, Lea and Flood 2014).
struct Jitter: Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// Any of 0...bound.
  mutating func next(through bound: UInt32) -> UInt32 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    mixed ^= mixed >> 31
    return UInt32(truncatingIfNeeded: ((mixed >> 32) * (UInt64(bound) + 1)) >> 32)
  }
}
