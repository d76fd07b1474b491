import Foundation
import Logging
import Peer
import ServiceLifecycle
import Split
import Synchronization
import Wire

/// A number that threads share.
final class Counter: Sendable {
  private let value = Atomic(0)

  var count: Int { value.load(ordering: .sequentiallyConsistent) }

  func increase() {
    value.add(1, ordering: .sequentiallyConsistent)
  }
}

/// A model that answers with its features turned round, and counts. It refuses features that are all the same.
final class ToyModel: FusionModel {
  let contract: BundleContract
  private let runs = Counter()
  /// Called on the worker's thread before each request is run, with the number of those before it.
  private let before: @Sendable (Int) throws(FusionFailure) -> Void

  init(mark: UInt8 = 1, before: @escaping @Sendable (Int) throws(FusionFailure) -> Void = { _ in }) {
    guard let hash = BundleHash(Array(repeating: mark, count: 32)) else { fatalError("a hash is 32 bytes") }
    contract = BundleContract(
      hash: hash, maximumSequence: 512,
      splits: [
        SplitContract(name: "embeddings", crossings: [TensorContract(width: 384, parts: [.init(inputs: 1, rowsPerToken: 1)])])
      ],
      outputs: [TensorContract(width: 384, parts: [.init(inputs: 1, fixedRows: 1, rowsPerToken: 0)])])
    self.before = before
  }

  /// Requests run to their end.
  var completedRuns: Int { runs.count }

  var dictionary: FeatureDictionary? { nil }

  func check(_ request: FusionRequest, from split: UInt16) throws(FusionFailure) {
    if Set(request.features).count == 1 { throw .malformedFeatures }
  }

  func run(_ requests: [FusionRequest], from split: UInt16) throws(FusionFailure) -> [[UInt8]] {
    try requests.map { request throws(FusionFailure) in
      try before(completedRuns)
      runs.increase()
      return Self.answer(to: request.features)
    }
  }

  /// Takes texts alone: a word is a token.
  func run(_ requests: [RawInputs], present: UInt16) -> [Result<WholeAnswer, FusionFailure>] {
    requests.map { inputs in
      guard let text = inputs[.text], inputs.items.count == 1 else { return .failure(.unsuitableInput) }
      runs.increase()
      return .success(WholeAnswer(body: Self.answer(to: text), sequence: UInt16(text.split(separator: 0x20).count)))
    }
  }

  static func answer(to features: [UInt8]) -> [UInt8] {
    (0..<1_536).map { features[features.count - 1 - $0 % features.count] }
  }
}

let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A library of models that stay the same.
func library(_ models: ToyModel...) throws -> ModelLibrary {
  try ModelLibrary(models.indices.map { "\($0)" }, logger: silent) { path in models[Int(path) ?? 0] }
}

/// Serves the model on a port of the system's choice while `body` runs; returns what the server counted.
@discardableResult
func withServer(
  _ model: ToyModel, configure: (inout PeerConfiguration) -> Void = { _ in }, body: (PeerServer, ServiceGroup) async throws -> Void
) async throws -> PeerMetrics {
  try await withServer(library(model), configure: configure, body: body)
}

/// The same for any models.
@discardableResult
func withServer(
  _ library: ModelLibrary, configure: (inout PeerConfiguration) -> Void = { _ in }, body: (PeerServer, ServiceGroup) async throws -> Void
) async throws -> PeerMetrics {
  var configuration = PeerConfiguration()
  configuration.listen = ListenAddress(host: "127.0.0.1", port: 0)
  configure(&configuration)
  let server = try await PeerServer.bind(library, configuration: configuration, logger: silent)
  let services = ServiceGroup(services: [server], logger: silent)
  try await withThrowingTaskGroup { group in
    group.addTask { try await services.run() }
    try await body(server, services)
    await services.triggerGracefulShutdown()
    try await group.waitForAll()
  }
  return server.metrics
}

/// Runs blocking work on a thread of its own, away from the tasks.
func blocking<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
  await withCheckedContinuation { continuation in
    Thread.detachNewThread { continuation.resume(returning: work()) }
  }
}

/// Features of `rows` rows that differ by `seed`.
func features(rows: Int, seed: Int = 0) -> [UInt8] {
  (0..<(rows * 387)).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 11 &+ seed) }
}
