import CPosix
import Synchronization

/// Where a fixed number of threads wait for each other: briefly spinning, then asleep.
package final class Barrier: Sendable {
  /// Turns of a spin before a thread goes to sleep: some tens of microseconds.
  static let spins = 4000

  package let count: Int
  private let arrived = Atomic<Int>(0)
  private let meetings = Atomic<UInt32>(0)
  private let sleepers = SleepingPlace()

  init(count: Int) { self.count = count }

  /// Returns when all threads have called it; the last to come opens it.
  package func meet() {
    guard count > 1 else { return }
    let meeting = meetings.load(ordering: .acquiring)
    if arrived.add(1, ordering: .acquiringAndReleasing).newValue == count {
      arrived.store(0, ordering: .relaxed)
      meetings.add(1, ordering: .sequentiallyConsistent)
      sleepers.wakeAll()
      return
    }
    for _ in 0..<Self.spins {
      if meetings.load(ordering: .acquiring) != meeting { return }
      posix_spin_hint()
    }
    sleepers.sleep { meetings.load(ordering: .sequentiallyConsistent) == meeting }
  }
}
