import BundleFormat
import Inference
import ModelGraph
import Split
import Wire

/// How and with whom execution is split.
package struct SplitOptions: Sendable {
  /// What stands for a split point before the first segment: the peer gets the inputs as they came.
  package static let rawInputs = "input"

  /// In the order of preference, at least one.
  package let peers: [PeerAddress]
  /// The split point's name, or `rawInputs`.
  package let split: String
  /// From the caller's start to the answer, also where the answer is local.
  package let deadlineMilliseconds: Int
  /// Whether a local answer is wanted where the peers give none.
  package let fallback: Bool
  /// Whether requests follow one another and are alike, so that differences are worth sending.
  package let isStream: Bool

  package init(peers: [PeerAddress], split: String, deadlineMilliseconds: Int, fallback: Bool, isStream: Bool = false) {
    self.peers = peers
    self.split = split
    self.deadlineMilliseconds = deadlineMilliseconds
    self.fallback = fallback
    self.isStream = isStream
  }
}

/// A model of which a part, or all of it, runs on a peer.
package final class SplitRunner {
  private let runner: ModelRunner
  private let options: SplitOptions
  private let contract: BundleContract
  /// Nil where the peer begins with the raw inputs.
  private let split: Int?
  private let connection: PeerConnection

  package init(runner: ModelRunner, options: SplitOptions) throws(DeviceError) {
    let points = runner.model.graph.splitPoints
    split = points.firstIndex { $0.name == options.split }
    guard split != nil || options.split == SplitOptions.rawInputs else {
      throw .unknownSplit(options.split, available: [SplitOptions.rawInputs] + points.map { $0.name })
    }
    // All segments, since what the peers do not answer is computed here, and within the deadline.
    try runner.activateSegments()
    self.runner = runner
    self.options = options
    let bundle = runner.bundle
    contract = BundleContract(hash: bundle.hash, graph: bundle.graph)
    var settings = DeviceSettings()
    settings.sendsDifferences = options.isStream
    connection = PeerConnection(addresses: options.peers, contract: contract, settings: settings, dictionary: bundle.featureDictionary)
  }

  deinit { connection.leave() }

  /// Keeps the connection alive until there is something to read on `descriptor`.
  package func rest(untilReadable descriptor: Int32) { connection.rest(untilReadable: descriptor) }

  /// Runs the device's part, sends the features, or the raw inputs, and waits for the rest; where no peer answers, computes the rest here
  /// if a fallback is wanted, else throws.
  package func run(_ request: Request) throws(DeviceError) -> Answer {
    let start = Moment.now
    if let split { return try run(request, split: split, from: start) }
    try runner.check(request)
    guard let inputs = request.raw else { throw .noRawForm }
    let raw = SplitRequest(
      .raw(inputs), present: present(request.modalities), deadline: deadline(from: start, reserve: reserveWithoutMeasure()))
    return try exchange(raw, request, from: start, tokens: nil) { () throws(DeviceError) in
      let tokens = try runner.bring(request)
      do throws(InferenceError) { try runner.session.run() } catch { throw runner.failure(error) }
      return tokens
    }
  }

  private func run(_ request: Request, split: Int, from start: Moment) throws(DeviceError) -> Answer {
    let watch = Stopwatch()
    let tokens = try runner.bring(request)
    let sequence = max(1, tokens)
    let features = try runDevicePart(split)
    let present = present(request.modalities)
    guard contract.featureBytes(split: UInt16(split), sequence: UInt16(sequence), present: present) != nil else {
      throw .nothingCrosses(split: options.split)
    }
    let reserve = options.fallback ? localEstimate(split, sequence: sequence, devicePart: watch.milliseconds) : 0
    let remote = SplitRequest(
      .features(features, split: UInt16(split)), sequence: UInt16(sequence), present: present,
      deadline: deadline(from: start, reserve: reserve))
    return try exchange(remote, request, from: start, tokens: tokens) { () throws(DeviceError) in
      do throws(InferenceError) {
        try runner.session.run(features: features.span, from: split, sequence: sequence, present: UInt64(present))
      } catch { throw runner.failure(error) }
      return tokens
    }
  }

  /// Asks the peers; where none answers, `runHere` leaves the outputs in the session and tells the tokens.
  private func exchange(
    _ remote: SplitRequest, _ request: Request, from start: Moment, tokens: Int?, runHere: () throws(DeviceError) -> Int
  ) throws(DeviceError) -> Answer {
    let before = (connection.bytesSent, connection.bytesReceived)
    let outcome = connection.request(remote)
    let sent = connection.bytesSent - before.0
    let received = connection.bytesReceived - before.1
    let wire = WireUse(sent: sent, received: received, rawBytes: request.raw?.encoded.count)
    switch outcome {
    case .success(let answer):
      return Answer(
        outputs: outputs(of: answer, present: remote.present), place: .peer(options.peers[answer.exchange.peer]), failure: nil,
        modalities: request.modalities, tokens: tokens ?? (request.text == nil ? 0 : Int(answer.sequence)),
        milliseconds: start.milliseconds, wire: wire)
    case .failure(let failure):
      guard options.fallback else { throw .remote(failure, peers: options.peers) }
      let tokens = try runHere()
      return Answer(
        outputs: try runner.outputs(), place: .localFallback, failure: failure, modalities: request.modalities, tokens: tokens,
        milliseconds: start.milliseconds, wire: wire)
    }
  }

  private func present(_ modalities: [Modality]) -> UInt16 { UInt16(truncatingIfNeeded: runner.inputs(of: modalities)) }

  private func deadline(from start: Moment, reserve: Int) -> Moment {
    start.adding(milliseconds: UInt32(clamping: max(1, options.deadlineMilliseconds - reserve)))
  }

  private func runDevicePart(_ split: Int) throws(DeviceError) -> [UInt8] {
    var features = [UInt8](repeating: 0, count: runner.session.featureByteCount(split: split))
    do throws(InferenceError) {
      var span = features.mutableSpan
      try runner.session.run(until: split, features: &span)
    } catch { throw runner.failure(error) }
    return features
  }

  /// The outputs as the peer computed them.
  private func outputs(of answer: RemoteAnswer, present: UInt16) -> [Output] {
    let graph = runner.bundle.graph
    var start = 0
    var outputs: [Output] = []
    for (id, tensor) in zip(graph.outputs, contract.outputs) {
      let count = tensor.rows(sequence: answer.sequence, present: present) * tensor.width
      guard count > 0 else { continue }
      let values = (0..<count).map { index in
        Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(answer.body[start + 4 * index + $1]) << UInt32(8 * $1) })
      }
      outputs.append(Output(name: graph[id].name, values: values, isEmbedding: graph[id].dataType == .float32))
      start += 4 * count
    }
    return outputs
  }

  /// Milliseconds to keep back for the local answer: twice what the device's part took, in proportion to the work, and at least what a
  /// slow processor (2 million multiply–accumulates a millisecond) needs where that part did no work to go by.
  private func localEstimate(_ split: Int, sequence: Int, devicePart: Double) -> Int {
    let graph = runner.model.graph
    let cut = graph.segments[graph.splitPoints[split].segment].nodes.upperBound
    let done = Double(graph.multiplyAccumulates(of: 0..<cut, sequence: sequence))
    let rest = Double(graph.multiplyAccumulates(of: cut..<graph.nodes.count, sequence: sequence))
    return bounded(done > 0 ? 2 * devicePart * rest / done : rest / 2e6)
  }

  /// The same where this device has done no work to go by.
  private func reserveWithoutMeasure() -> Int {
    guard options.fallback else { return 0 }
    let graph = runner.model.graph
    return bounded(Double(graph.multiplyAccumulates(sequence: min(64, graph.limits.sequence))) / 2e6)
  }

  private func bounded(_ estimate: Double) -> Int { Int(min(estimate, Double(options.deadlineMilliseconds) / 2)) + 5 }
}

extension Moment {
  /// Milliseconds since then.
  fileprivate var milliseconds: Double { Double(Moment.now.nanoseconds - nanoseconds) / 1e6 }
}
