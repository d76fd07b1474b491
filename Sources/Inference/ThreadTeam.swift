import CPosix
import Synchronization

/// A fixed number of threads that run one function together: the caller is thread 0, the others wait between runs.
///
/// Waiting spins for a short while, in which the next run usually comes, then sleeps. A run allocates nothing. Each worker is bound to a
/// processor of its own beside the caller's, and follows when the caller moves: left alone, a scheduler may keep them all on one.
package final class ThreadTeam: Sendable {
  package static let maximum = 64

  /// What every thread runs: its number, and the barrier at which it meets the others.
  package typealias Body = @Sendable (_ thread: Int, _ barrier: Barrier) -> Void

  private let state: TeamState
  private let workers: [posix_thread]

  /// Starts `count` − 1 threads.
  package init(count: Int, body: @escaping Body) throws(InferenceError) {
    guard (1...Self.maximum).contains(count) else { throw .threads(count) }
    let state = TeamState(count: count, body: body)
    var workers: [posix_thread] = []
    for number in 1..<count {
      let start = Unmanaged.passRetained(WorkerStart(state: state, number: number))
      var thread = posix_thread()
      let status = posix_thread_start(&thread, workerMain, start.toOpaque())
      guard status == 0 else {
        start.release()
        state.stop(workers)
        throw .threadStart(status)
      }
      workers.append(thread)
    }
    self.state = state
    self.workers = workers
  }

  /// Runs the body on all threads and returns when all are done. Not to be called from two threads at once.
  package func run() {
    if state.barrier.count > 1 { state.release() }
    state.body(0, state.barrier)
    state.barrier.meet()
  }

  deinit { state.stop(workers) }
}

private final class WorkerStart {
  let state: TeamState
  let number: Int

  init(state: TeamState, number: Int) {
    self.state = state
    self.number = number
  }
}

private func workerMain(_ start: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let start else { return nil }
  let worker = Unmanaged<WorkerStart>.fromOpaque(start).takeRetainedValue()
  var seen: UInt32 = 0
  var avoided: Int32 = -1
  while worker.state.awaitRun(after: &seen) {
    let processor = worker.state.callersProcessor.load(ordering: .relaxed)
    if processor != avoided {
      posix_bind_behind_processor(processor, UInt32(worker.number))
      avoided = processor
    }
    worker.state.body(worker.number, worker.state.barrier)
    worker.state.barrier.meet()
  }
  return nil
}

/// What the threads of a team share.
private final class TeamState: Sendable {
  let body: ThreadTeam.Body
  let barrier: Barrier
  /// Where thread 0 was when the run began.
  let callersProcessor = Atomic<Int32>(-1)
  private let runs = Atomic<UInt32>(0)
  private let stopping = Atomic<Bool>(false)
  private let sleepers = SleepingPlace()

  init(count: Int, body: @escaping ThreadTeam.Body) {
    self.body = body
    barrier = Barrier(count: count)
  }

  func release() {
    callersProcessor.store(posix_current_processor(), ordering: .relaxed)
    runs.add(1, ordering: .sequentiallyConsistent)
    sleepers.wakeAll()
  }

  /// Returns false when the team ends.
  func awaitRun(after seen: inout UInt32) -> Bool {
    let last = seen
    for _ in 0..<Barrier.spins {
      if runs.load(ordering: .acquiring) != last { break }
      posix_spin_hint()
    }
    sleepers.sleep { runs.load(ordering: .sequentiallyConsistent) == last }
    seen = last &+ 1
    return !stopping.load(ordering: .acquiring)
  }

  func stop(_ workers: [posix_thread]) {
    stopping.store(true, ordering: .releasing)
    release()
    for worker in workers { posix_thread_join(worker) }
  }
}
