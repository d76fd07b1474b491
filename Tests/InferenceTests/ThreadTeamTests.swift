import Inference
import Synchronization
import Testing

@Suite struct ThreadTeamTests {
  /// In each of 1,000 runs every thread adds its share, meets the others, and must then see the sum of all.
  @Test(arguments: [1, 2, 3, 7])
  func everyThreadRunsAndSeesTheOthers(threads: Int) throws {
    let total = Mutex(0)
    let wrong = Mutex(0)
    let team = try ThreadTeam(count: threads) { thread, barrier in
      total.withLock { $0 += thread + 1 }
      barrier.meet()
      let sum = total.withLock { $0 }
      if sum % (threads * (threads + 1) / 2) != 0 { wrong.withLock { $0 += 1 } }
      barrier.meet()
    }
    for _ in 0..<1000 { team.run() }
    #expect(total.withLock { $0 } == 1000 * threads * (threads + 1) / 2)
    #expect(wrong.withLock { $0 } == 0)
  }

  @Test(arguments: [0, -1, 65])
  func refusesImpossibleCounts(threads: Int) {
    #expect(throws: InferenceError.threads(threads)) { try ThreadTeam(count: threads) { _, _ in } }
  }
}
