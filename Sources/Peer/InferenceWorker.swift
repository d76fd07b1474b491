import Logging
import NIOCore
import NIOPosix
import Split
import Synchronization
import Wire

/// Runs requests one after another on a thread of its own, so that no connection waits behind a model.
final class InferenceWorker: Sendable {
  private let pool = NIOThreadPool(numberOfThreads: 1)
  private let decoder = Mutex(FeatureDecoder())
  private let cache: AnswerCache
  private let logger: Logger
  let backlog: Backlog

  init(cache: AnswerCache, backlog: Backlog, logger: Logger) {
    self.cache = cache
    self.backlog = backlog
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

  /// Calls `completion` on the worker's thread, once.
  func submit(
    _ job: PeerJob, on model: any FusionModel, _ ticket: JobTicket,
    completion: @escaping @Sendable (Result<PeerResult, PeerErrorCode>) -> Void
  ) {
    backlog.begin()
    pool.submit { state in
      let outcome = state == .active ? self.run(job, model, ticket) : .failure(.draining)
      self.backlog.end()
      completion(outcome)
    }
  }

  /// Ends the thread; queued requests end with `draining`.
  func shutDown() async throws {
    try await pool.shutdownGracefully()
  }

  private func run(_ job: PeerJob, _ model: any FusionModel, _ ticket: JobTicket) -> Result<PeerResult, PeerErrorCode> {
    guard !ticket.isCancelled, Moment.now < job.deadline else { return .failure(.deadlinePassed) }
    do throws(FeatureError) {
      if job.split == PlanID.raw { return infer(job, try RawInputs(decoding: job.features.bytes), model, ticket.client) }
      let features = try decoder.withLock { decoder throws(FeatureError) in
        try decoder.decode(job.features, expected: job.featureBytes, dictionary: model.dictionary, base: job.base)
      }
      return answer(job, features, model, ticket.client)
    } catch {
      return .failure(job.split == PlanID.raw ? .unsuitableInput : .malformedFeatures)
    }
  }

  /// The answer from the cache, else from the model.
  private func answer(
    _ job: PeerJob, _ features: [UInt8], _ model: any FusionModel, _ client: Client
  ) -> Result<PeerResult, PeerErrorCode> {
    guard cache.isOn else { return infer(job, features, model, client) }
    let key = AnswerCache.Key(job, FeatureName(of: features))
    if let answer = cache.answer(to: key) { return .success(answer) }
    let outcome = infer(job, features, model, client)
    if case .success(let answer) = outcome { cache.insert(answer, for: key) }
    return outcome
  }

  private func infer(
    _ job: PeerJob, _ features: [UInt8], _ model: any FusionModel, _ client: Client
  ) -> Result<PeerResult, PeerErrorCode> {
    outcome(of: job, client) { () throws(FusionFailure) in
      let body = try model.run(split: job.split, sequence: job.sequence, present: job.present, features: features)
      return PeerResult(body: body, sequence: job.sequence, features: features)
    }
  }

  private func infer(
    _ job: PeerJob, _ inputs: RawInputs, _ model: any FusionModel, _ client: Client
  ) -> Result<PeerResult, PeerErrorCode> {
    outcome(of: job, client) { () throws(FusionFailure) in
      let (body, sequence) = try model.run(inputs, present: job.present)
      return PeerResult(body: body, sequence: sequence, features: [])
    }
  }

  private func outcome(
    of job: PeerJob, _ client: Client, _ run: () throws(FusionFailure) -> PeerResult
  ) -> Result<PeerResult, PeerErrorCode> {
    let start = Moment.now
    defer { backlog.measured(nanoseconds: Moment.now.nanoseconds - start.nanoseconds) }
    do throws(FusionFailure) {
      return .success(try run())
    } catch {
      logger.error(
        "a request failed",
        metadata: ["client": "\(client)", "reason": "\(error)", "split": "\(job.split)", "sequence": "\(job.sequence)"])
      switch error {
      case .malformedFeatures: return .failure(.malformedFeatures)
      case .unsuitableInput: return .failure(.unsuitableInput)
      case .failed: return .failure(.internal)
      }
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

extension Moment {
  /// The time by the clock that the event loops use.
  static var now: Moment {
    Moment(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds))
  }
}
