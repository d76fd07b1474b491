import Logging
import NIOCore
import NIOPosix
import Split
import Synchronization
import Wire

/// Runs requests on a thread of its own, so that no connection waits behind a model: what waits together, in batches. One that is alone and
/// brief runs on the thread that brings it.
///
/// Each request brings a turn of the thread. A turn takes from the queue what is to run next, which may be the requests of several turns,
/// or nothing.
final class InferenceWorker: Sendable {
  /// A request in the queue.
  private struct Waiting: Sendable {
    let job: PeerJob
    let kind: BatchKind
    let model: any FusionModel
    let ticket: JobTicket
    let completion: @Sendable (Result<PeerResult, PeerErrorCode>) -> Void
  }

  /// A request whose features have been decoded.
  private struct Ready: Sendable {
    let waiting: Waiting
    let request: FusionRequest
    /// Where there is a cache.
    let key: AnswerCache.Key?
  }

  private let pool = NIOThreadPool(numberOfThreads: 1)
  /// Held by the thread that runs the model.
  private let running = Mutex(())
  /// Whether a loop has run a request itself and not sent its answer yet.
  private let holdsLoop = Atomic(false)
  private let queue: Mutex<BatchQueue<Waiting>>
  private let decoder = Mutex(FeatureDecoder())
  private let cache: AnswerCache
  private let counter: MetricsCounter
  /// Wakes the thread where requests wait for others.
  private let clock: any EventLoop
  private let logger: Logger
  let backlog: Backlog

  init(_ configuration: PeerConfiguration, cache: AnswerCache, counter: MetricsCounter, clock: any EventLoop, logger: Logger) {
    queue = Mutex(BatchQueue(limits: configuration.batch, patienceMilliseconds: configuration.longestQueueMilliseconds))
    backlog = Backlog(longestMilliseconds: configuration.longestQueueMilliseconds)
    self.cache = cache
    self.counter = counter
    self.clock = clock
    self.logger = logger
    pool.start()
  }

  /// What becomes at once of a request that only names its features; nil for one that brings them. Any thread may ask.
  func recall(_ job: PeerJob) -> Result<PeerResult, PeerErrorCode>? {
    guard job.features.encoding.contains(.named) else { return nil }
    guard cache.isOn, let name = try? FeatureName(job.features.bytes), let answer = cache.answer(to: AnswerCache.Key(job, name)) else {
      return .failure(.unknownFeatures)
    }
    return .success(answer)
  }

  /// Calls `completion` once, on the worker's thread or on the calling one, which is that of the loop, before it returns.
  func submit(
    _ job: PeerJob, on model: any FusionModel, _ ticket: JobTicket, loop: any EventLoop,
    completion: @escaping @Sendable (Result<PeerResult, PeerErrorCode>) -> Void
  ) {
    backlog.begin()
    let kind = BatchKind(bundle: job.bundle, split: job.split, present: job.present)
    let waiting = Waiting(job: job, kind: kind, model: model, ticket: ticket, completion: completion)
    queue.withLock { $0.add(waiting, kind: kind, rows: model.contract.rows(of: job), deadline: job.deadline, now: .now) }
    if backlog.isBrief(kind), runHere(loop) { return }
    pool.submit(turn)
  }

  /// Runs what is next on the calling thread, which is that of the loop: only one request before the loop has sent what became of it, so
  /// that of several that are read together the others batch. Returns whether it did.
  private func runHere(_ loop: any EventLoop) -> Bool {
    guard !holdsLoop.exchange(true, ordering: .acquiring) else { return false }
    let isDone = running.withLockIfAvailable { _ in runNext() } != nil
    loop.execute { self.holdsLoop.store(false, ordering: .releasing) }
    return isDone
  }

  /// Ends the thread; queued requests end with `draining`, those that wait for others too.
  func shutDown() async throws {
    try await pool.shutdownGracefully()
    turn(.cancelled)
  }

  @Sendable private func turn(_ state: NIOThreadPool.WorkItemState) {
    guard state == .active else {
      for waiting in queue.withLock({ $0.takeAll() }) { finish(waiting, .failure(.draining)) }
      return
    }
    running.withLock { _ in runNext() }
  }

  private func runNext() {
    let now = Moment.now
    let (late, turn) = queue.withLock { queue in
      (queue.takeLate(now: now) { $0.ticket.isCancelled }, queue.next(now: now, pace: backlog.pace))
    }
    for waiting in late { finish(waiting, .failure(.deadlinePassed)) }
    switch turn {
    case .rest: break
    case .wait(let due):
      clock.scheduleTask(deadline: .uptimeNanoseconds(UInt64(clamping: due.nanoseconds))) { self.pool.submit(self.turn) }
    case .run(let batch): run(batch)
    }
  }

  private func finish(_ waiting: Waiting, _ outcome: Result<PeerResult, PeerErrorCode>) {
    backlog.end()
    waiting.completion(outcome)
  }
}

// What a turn runs.
extension InferenceWorker {
  private func run(_ batch: [Waiting]) {
    if batch[0].job.split == PlanID.raw { return runWhole(batch) }
    var rest = batch.compactMap(prepare)
    while !rest.isEmpty { rest = answer(rest) }
  }

  /// Decodes and checks a request's features; one that is of no use ends here.
  private func prepare(_ waiting: Waiting) -> Ready? {
    let job = waiting.job
    do {
      let features = try decoder.withLock { decoder throws(FeatureError) in
        try decoder.decode(job.features, expected: job.featureBytes, dictionary: waiting.model.dictionary, base: job.base)
      }
      let request = FusionRequest(sequence: job.sequence, present: job.present, features: features)
      try waiting.model.check(request, from: job.split)
      return Ready(waiting: waiting, request: request, key: cache.isOn ? AnswerCache.Key(job, FeatureName(of: features)) : nil)
    } catch {
      finish(waiting, .failure(error is FeatureError ? .malformedFeatures : code(of: error, [waiting])))
      return nil
    }
  }

  /// Answers requests of one kind, from the cache or by one run. Returns those that want what another of them wanted: that is in the cache
  /// now.
  private func answer(_ requests: [Ready]) -> [Ready] {
    var (fresh, twins, keys): ([Ready], [Ready], Set<AnswerCache.Key>) = ([], [], [])
    for ready in requests {
      if let key = ready.key, keys.contains(key) {
        twins.append(ready)
      } else if let key = ready.key, let answer = cache.answer(to: key) {
        finish(ready.waiting, .success(answer))
      } else {
        if let key = ready.key { keys.insert(key) }
        fresh.append(ready)
      }
    }
    if !fresh.isEmpty { infer(fresh) }
    return twins
  }

  private func infer(_ batch: [Ready]) {
    let first = batch[0].waiting
    counter.update { $0.batches.add(Int64(batch.count)) }
    do throws(FusionFailure) {
      let bodies = try measured(batch.map(\.waiting)) { () throws(FusionFailure) in
        try first.model.run(batch.map(\.request), from: first.job.split)
      }
      for (ready, body) in zip(batch, bodies) {
        let answer = PeerResult(body: body, sequence: ready.request.sequence, features: ready.request.features)
        if let key = ready.key { cache.insert(answer, for: key) }
        finish(ready.waiting, .success(answer))
      }
    } catch {
      let code = code(of: error, batch.map(\.waiting))
      for ready in batch { finish(ready.waiting, .failure(code)) }
    }
  }

  /// Runs all of the model on raw inputs of one kind.
  private func runWhole(_ batch: [Waiting]) {
    var (known, inputs): ([Waiting], [RawInputs]) = ([], [])
    for waiting in batch {
      guard let decoded = try? RawInputs(decoding: waiting.job.features.bytes) else {
        finish(waiting, .failure(.unsuitableInput))
        continue
      }
      known.append(waiting)
      inputs.append(decoded)
    }
    guard let first = known.first else { return }
    counter.update { $0.batches.add(Int64(known.count)) }
    let answers = measured(known) { first.model.run(inputs, present: first.job.present) }
    for (waiting, answer) in zip(known, answers) {
      switch answer {
      case .success(let whole): finish(waiting, .success(PeerResult(body: whole.body, sequence: whole.sequence, features: [])))
      case .failure(let failure): finish(waiting, .failure(code(of: failure, [waiting])))
      }
    }
  }

  /// Runs requests of one kind and takes down how long each took.
  private func measured<Value, Failure>(_ batch: [Waiting], _ run: () throws(Failure) -> Value) throws(Failure) -> Value {
    let start = Moment.now
    defer { backlog.measured(batch[0].kind, nanoseconds: (Moment.now.nanoseconds - start.nanoseconds) / Int64(batch.count)) }
    return try run()
  }

  /// Logs why requests of one kind failed; returns what devices are told.
  private func code(of failure: any Error, _ requests: [Waiting]) -> PeerErrorCode {
    logger.error(
      "a request failed",
      metadata: [
        "clients": "\(requests.map { "\($0.ticket.client)" }.joined(separator: ", "))", "reason": "\(failure)",
        "split": "\(requests[0].job.split)", "sequences": "\(requests.map { "\($0.job.sequence)" }.joined(separator: ", "))",
      ])
    return switch failure {
    case FusionFailure.malformedFeatures: .malformedFeatures
    case FusionFailure.unsuitableInput: .unsuitableInput
    default: .internal
    }
  }
}

/// A connection's claim on its requests: cancelled when nobody waits for the answers any more.
final class JobTicket: Sendable {
  let client: Client
  private let cancelled = Atomic(false)

  init(client: Client) {
    self.client = client
  }

  var isCancelled: Bool {
    cancelled.load(ordering: .relaxed)
  }

  func cancel() {
    cancelled.store(true, ordering: .relaxed)
  }
}

extension BundleContract {
  /// Characters of a token, about.
  private static var tokenBytes: Int { 4 }

  /// Rows of a request's features; of raw inputs about those that its first split point would have.
  fileprivate func rows(of job: PeerJob) -> Int {
    guard job.split == PlanID.raw else { return featureRows(split: job.split, sequence: job.sequence, present: job.present) }
    let tokens = min(Int(maximumSequence), max(1, job.features.bytes.count / Self.tokenBytes))
    return featureRows(split: 0, sequence: UInt16(tokens), present: job.present)
  }
}

extension Moment {
  /// The time by the clock that the event loops use.
  static var now: Moment {
    Moment(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds))
  }
}
