import Peer
import Split
import TestSupport
import Testing
import Wire

/// A request as the simulation knows it; times in nanoseconds.
private struct Known {
  let number: Int
  let kind: BatchKind
  let rows: Int
  let arrival: Int64
  let deadline: Int64
  var isAbandoned = false
}

private func kind(_ number: UInt16) -> BatchKind {
  guard let bundle = BundleHash(Array(repeating: UInt8(number % 2), count: 32)) else { fatalError("a hash is 32 bytes") }
  return BatchKind(bundle: bundle, split: number / 2, present: 1)
}

/// Requests by chance and a model that runs them, over a queue, in simulated time.
private struct Simulation {
  private var generator: SeededGenerator
  private var queue: BatchQueue<Int>
  private let limits: BatchLimits
  private let patience: UInt32
  /// Nanoseconds of a request in the model.
  private let pace: Int64
  private var now: Int64 = 0
  private var all: [Known] = []
  private var waiting: [Int] = []
  /// How often each request was taken out, and which of them to run.
  private(set) var taken: [Int] = []
  private(set) var ran = 0
  private(set) var largest = 0

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
    var limits = BatchLimits()
    limits.requests = Int.random(in: 1...6, using: &generator)
    limits.rows = Int.random(in: 1...200, using: &generator)
    limits.waitMilliseconds = Bool.random(using: &generator) ? 0 : UInt32.random(in: 1...20, using: &generator)
    self.limits = limits
    patience = UInt32.random(in: 1...200, using: &generator)
    pace = Int64.random(in: 0...8_000_000, using: &generator)
    queue = BatchQueue(limits: limits, patienceMilliseconds: patience)
  }

  /// Adds requests and runs turns until nothing waits.
  mutating func run() {
    for _ in 0..<40 {
      for _ in 0..<Int.random(in: 0...5, using: &generator) { add() }
      if let place = waiting.randomElement(using: &generator), Int.random(in: 0..<8, using: &generator) == 0 {
        all[place].isAbandoned = true
      }
      turn()
      now += Int64.random(in: 0...10_000_000, using: &generator)
    }
    while !waiting.isEmpty { turn() }
    guard case .rest = queue.next(now: Moment(nanoseconds: now), pace: pace) else { return _ = Issue.record("something is left") }
  }

  private mutating func add() {
    let request = Known(
      number: all.count, kind: kind(UInt16.random(in: 0..<4, using: &generator)),
      rows: Int.random(in: 1...80, using: &generator), arrival: now,
      deadline: now + Int64.random(in: 1...300, using: &generator) * 1_000_000)
    all.append(request)
    waiting.append(request.number)
    taken.append(0)
    queue.add(
      request.number, kind: request.kind, rows: request.rows, deadline: Moment(nanoseconds: request.deadline),
      now: Moment(nanoseconds: now))
  }

  private mutating func turn() {
    let requests = all
    take(queue.takeLate(now: Moment(nanoseconds: now)) { requests[$0].isAbandoned }) { simulation, request in
      #expect(request.isAbandoned || request.deadline <= simulation.now)
    }
    switch queue.next(now: Moment(nanoseconds: now), pace: pace) {
    case .rest: #expect(waiting.isEmpty)
    case .wait(let due):
      #expect(due.nanoseconds > now && !waiting.isEmpty)
      for request in waiting.map({ all[$0] }) { #expect(due.nanoseconds <= latestStart(request)) }
      now = due.nanoseconds
    case .run(let batch): run(batch.map { all[$0] })
    }
  }

  /// When a request starts at the latest if the model has nothing else to do.
  private func latestStart(_ request: Known) -> Int64 {
    min(request.arrival + Int64(limits.waitMilliseconds) * 1_000_000, (request.arrival + request.deadline) / 2)
  }

  private mutating func run(_ batch: [Known]) {
    let others = waiting.map { all[$0] }.filter { other in !batch.contains { $0.number == other.number } }
    take(batch.map(\.number)) { simulation, request in #expect(!request.isAbandoned && request.deadline > simulation.now) }
    #expect(!batch.isEmpty && batch.count <= limits.requests && Set(batch.map(\.kind)).count == 1)
    if batch.count > 1 {
      #expect(batch.reduce(0) { $0 + $1.rows } <= limits.rows)
      #expect(batch.allSatisfy { now + pace * Int64(batch.count) <= $0.deadline })
    }
    for request in batch {
      #expect(others.allSatisfy { $0.kind != request.kind || urgency($0) >= urgency(request) })
    }
    if limits.waitMilliseconds == 0 { #expect(others.allSatisfy { urgency($0) >= urgency(batch[0]) }) }
    ran += batch.count
    largest = max(largest, batch.count)
    now += pace * Int64(batch.count)
  }

  private func urgency(_ request: Known) -> Int64 { min(request.deadline, request.arrival + Int64(patience) * 1_000_000) }

  private mutating func take(_ numbers: [Int], check: (Simulation, Known) -> Void) {
    for number in numbers {
      check(self, all[number])
      taken[number] += 1
    }
    waiting.removeAll(where: numbers.contains)
  }
}

@Test func everyRequestIsTakenOnceAndByTheRules() {
  var (ran, all, largest) = (0, 0, 0)
  for seed in 0..<UInt64(scaled(2_000)) {
    var simulation = Simulation(seed: seed)
    simulation.run()
    #expect(simulation.taken.allSatisfy { $0 == 1 }, "seed \(seed)")
    (ran, all, largest) = (ran + simulation.ran, all + simulation.taken.count, max(largest, simulation.largest))
  }
  #expect(ran > all / 2 && largest == 6)
}

/// Requests in a hurry that keep the model busy cannot keep one from it that has time.
@Test func nobodyIsOvertakenForever() {
  var queue = BatchQueue<Int>(limits: BatchLimits(), patienceMilliseconds: 100)
  queue.add(0, kind: kind(0), rows: 1, deadline: Moment(nanoseconds: .max), now: Moment(nanoseconds: 0))
  for millisecond in 1...1_000 {
    let now = Moment(nanoseconds: Int64(millisecond) * 1_000_000)
    queue.add(millisecond, kind: kind(1), rows: 1, deadline: now.adding(milliseconds: 50), now: now)
    _ = queue.takeLate(now: now) { _ in false }
    guard case .run(let batch) = queue.next(now: now, pace: 1_000_000) else { return _ = Issue.record("nothing runs") }
    if batch == [0] {
      #expect((50...100).contains(millisecond))
      return
    }
  }
  Issue.record("it never ran")
}
