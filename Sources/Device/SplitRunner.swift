import BundleFormat
import Inference
import ModelGraph
import Split
import Wire

/// A model of which a part, or all of it, may run on a peer.
package final class SplitRunner {
  /// How far the inputs of a request have come.
  private enum Inputs {
    case untouched
    /// The text, where there is one, is tokens.
    case tokens([Int32]?)
    /// The session has all of a request of so many tokens.
    case brought(tokens: Int)
  }

  /// A request under way.
  private struct Underway {
    let request: Request
    let inputs: Inputs
    let start: Moment
    /// Milliseconds until the answer is wanted.
    let patience: Int
    let handover: Handover
    /// What the planner was asked for, and what it said.
    let planned: (work: Workload, plan: Plan)?
  }

  private let runner: ModelRunner
  private let options: SplitOptions
  private let contract: BundleContract
  private let connection: PeerConnection
  /// Where the course is fixed.
  private let handover: Handover?
  private var planner: SplitPlanner?
  private let objective: Objective

  package init(runner: ModelRunner, options: SplitOptions) throws(DeviceError) {
    switch options.course {
    case .fixed(let name):
      handover = try runner.model.graph.handover(named: name)
      objective = .latency
    case .planned(let planner, let goal):
      handover = nil
      self.planner = planner
      objective = goal
    }
    try runner.keep(share: options.rate ?? 1)
    // All segments, since what the peers do not answer is computed here, and within the deadline.
    try runner.activateSegments()
    self.runner = runner
    self.options = options
    let bundle = runner.bundle
    contract = BundleContract(hash: bundle.hash, graph: bundle.graph)
    var settings = DeviceSettings()
    settings.sendsDifferences = options.isStream
    settings.waitsForPeers = !options.fallback
    connection = try PeerConnection(
      addresses: options.peers, contract: contract, settings: settings, dictionary: bundle.featureDictionary, tls: options.tls)
  }

  deinit { connection.leave() }

  /// Keeps the connection alive until there is something to read on `descriptor`.
  package func rest(untilReadable descriptor: Int32) { connection.rest(untilReadable: descriptor) }

  /// Runs the device's part, sends the features, or the raw inputs, and waits for the rest; where no peer answers, computes the rest here
  /// if a fallback is wanted, else throws.
  package func run(_ request: Request, deadlineMilliseconds: Int? = nil) throws(DeviceError) -> Answer {
    try runner.check(request)
    return try run(request, .untouched, patience: deadlineMilliseconds ?? options.deadlineMilliseconds)
  }

  /// The same for a request of that many tokens whose inputs the session has, on which the local path may have run: `limit` are the
  /// milliseconds that are left, where they are fewer than the deadline.
  func finish(_ request: Request, tokens: Int, within limit: Int?) throws(DeviceError) -> Answer {
    try run(request, .brought(tokens: tokens), patience: min(limit ?? .max, options.deadlineMilliseconds))
  }

  private func run(_ request: Request, _ given: Inputs, patience: Int) throws(DeviceError) -> Answer {
    let start = Moment.now
    var inputs = given
    if planner != nil, case .untouched = given { inputs = .tokens(try runner.tokens(of: request.text)) }
    let planned = plan(request, inputs, patience: patience, now: start)
    let underway = Underway(
      request: request, inputs: inputs, start: start, patience: patience,
      handover: handover ?? planned?.plan.chosen.handover ?? .none, planned: planned)
    switch underway.handover {
    case .none: return try runHere(underway)
    case .split(let split): return try run(underway, split: split)
    case .raw: return try runRaw(underway)
    }
  }

  private func plan(_ request: Request, _ inputs: Inputs, patience: Int, now: Moment) -> (work: Workload, plan: Plan)? {
    guard planner != nil else { return nil }
    let work = workload(request, inputs)
    let goal = PlanGoal(objective, deadline: Double(patience) * 1e3)
    planner?.link.openingRoundTrips = connection.isOpen ? 0 : 2
    guard let plan = planner?.plan(work, goal: goal, hasPeer: !connection.isResting, now: now) else { return nil }
    return (work, plan)
  }

  private func workload(_ request: Request, _ inputs: Inputs) -> Workload {
    let tokens =
      switch inputs {
      case .untouched, .tokens(nil): 0
      case .tokens(let tokens?): tokens.count
      case .brought(let tokens): tokens
      }
    return Workload(
      runner.bundle.graph, sequence: max(1, tokens), present: runner.inputs(of: request.modalities), rawBytes: request.raw?.encodedSize)
  }

  private func runHere(_ underway: Underway) throws(DeviceError) -> Answer {
    let tokens = try bringAndComplete(underway, .main)
    learnDevicePart(underway)
    return answer(underway, try runner.outputs(), .local, tokens: tokens)
  }

  private func bringAndComplete(_ underway: Underway, _ path: Segment.Role) throws(DeviceError) -> Int {
    let tokens = try bring(underway)
    do throws(InferenceError) { try runner.session.complete(path) } catch { throw runner.failure(error) }
    return tokens
  }

  /// Has the session have the request's inputs; returns its tokens.
  private func bring(_ underway: Underway) throws(DeviceError) -> Int {
    switch underway.inputs {
    case .untouched: try runner.bring(underway.request)
    case .tokens(let tokens): try runner.bring(underway.request, tokens: tokens)
    case .brought(let tokens): tokens
    }
  }

  private func runRaw(_ underway: Underway) throws(DeviceError) -> Answer {
    guard let inputs = underway.request.raw else { throw .noRawForm }
    let remote = SplitRequest(
      .raw(inputs), present: present(underway.request.modalities),
      deadline: underway.start.adding(reserveWithoutMeasure(underway.patience), before: underway.patience))
    return try exchange(remote, underway, tokens: nil) { () throws(DeviceError) in
      try bringAndComplete(underway, fallbackPath)
    }
  }

  private func run(_ underway: Underway, split: Int) throws(DeviceError) -> Answer {
    let watch = Stopwatch()
    let tokens = try bring(underway)
    let sequence = max(1, tokens)
    let features = try runner.features(until: split)
    learnDevicePart(underway)
    let present = present(underway.request.modalities)
    guard contract.featureBytes(split: UInt16(split), sequence: UInt16(sequence), present: present) != nil else {
      throw .nothingCrosses(split: contract.splits[split].name)
    }
    let reserve = options.fallback ? localEstimate(split, sequence: sequence, devicePart: watch.milliseconds, underway.patience) : 0
    let remote = SplitRequest(
      .features(features, split: UInt16(split)), sequence: UInt16(sequence), present: present,
      deadline: underway.start.adding(reserve, before: underway.patience))
    return try exchange(remote, underway, tokens: tokens) { () throws(DeviceError) in
      do throws(InferenceError) { try runner.session.complete(fallbackPath) } catch { throw runner.failure(error) }
      return tokens
    }
  }

  /// Asks the peers; where none answers, `runHere` leaves the outputs in the session and tells the tokens.
  private func exchange(
    _ remote: SplitRequest, _ underway: Underway, tokens: Int?, runHere: () throws(DeviceError) -> Int
  ) throws(DeviceError) -> Answer {
    let before = (connection.bytesSent, connection.bytesReceived)
    let watch = Stopwatch()
    let outcome = connection.request(remote)
    let wire = WireUse(
      sent: connection.bytesSent - before.0, received: connection.bytesReceived - before.1, rawBytes: underway.request.raw?.encodedSize)
    switch outcome {
    case .success(let result):
      learn(result.exchange, underway)
      return answer(
        underway, outputs(of: result, present: remote.present), .peer(options.peers[result.exchange.peer]), wire: wire,
        tokens: tokens ?? (underway.request.text == nil ? 0 : Int(result.sequence)))
    case .failure(let failure):
      planner?.learn(lostMicroseconds: watch.milliseconds * 1e3, now: .now)
      guard options.fallback else { throw .remote(failure, peers: options.peers) }
      let tokens = try runHere()
      let place: Place = fallbackPath == .local ? .localFusion : .localFallback
      return answer(underway, try runner.outputs(), place, wire: wire, failure: failure, tokens: tokens)
    }
  }

  /// What answers where the peers do not: the local fusion where the bundle has one.
  private var fallbackPath: Segment.Role { runner.session.hasLocalPath ? .local : .main }

  private func answer(
    _ underway: Underway, _ outputs: [Output], _ place: Place, wire: WireUse? = nil, failure: RemoteFailure? = nil, tokens: Int
  ) -> Answer {
    Answer(
      outputs: outputs, place: place, failure: failure, modalities: underway.request.modalities, tokens: tokens,
      milliseconds: underway.start.milliseconds, wire: wire, handover: underway.handover, plan: underway.planned?.plan)
  }

  /// Tells the planner how long the device took until now; of inputs that were brought before that is not known.
  private func learnDevicePart(_ underway: Underway) {
    guard let work = underway.planned?.work else { return }
    if case .brought = underway.inputs { return }
    planner?.learn(
      deviceMicroseconds: underway.start.milliseconds * 1e3, until: underway.handover, work, now: .now)
  }

  /// Tells the planner how a request went.
  private func learn(_ exchange: Exchange, _ underway: Underway) {
    guard let work = underway.planned?.work else { return }
    let elapsed = Double(exchange.peerMicroseconds)
    let waited = min(elapsed, Double(exchange.load.wait) * 1e3)
    planner?.learn(
      from: RemoteRun(
        handover: underway.handover, bytesSent: exchange.bytesSent, bytesReceived: exchange.bytesReceived,
        microseconds: Double(exchange.nanoseconds) / 1e3, waited: waited, peerMicroseconds: elapsed - waited), work)
    for nanoseconds in connection.takeRoundTrips() { planner?.link.sawRoundTrip(microseconds: Double(nanoseconds) / 1e3) }
  }

  private func present(_ modalities: [Modality]) -> UInt16 { UInt16(truncatingIfNeeded: runner.inputs(of: modalities)) }

  /// The outputs as the peer computed them.
  private func outputs(of answer: RemoteAnswer, present: UInt16) -> [Output] {
    let graph = runner.bundle.graph
    var start = 0
    var outputs: [Output] = []
    for (id, tensor) in zip(graph.outputs(of: .main), contract.outputs) {
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
  private func localEstimate(_ split: Int, sequence: Int, devicePart: Double, _ patience: Int) -> Int {
    let graph = runner.model.graph
    let cut = graph.segments[graph.splitPoints[split].segment].nodes.upperBound
    let done = Double(graph.multiplyAccumulates(of: 0..<cut, sequence: sequence))
    let rest = Double(fallbackWork(behind: cut, sequence: sequence))
    return bounded(done > 0 ? 2 * devicePart * rest / done : rest / 2e6, patience)
  }

  /// The same where this device has done no work to go by.
  private func reserveWithoutMeasure(_ patience: Int) -> Int {
    guard options.fallback else { return 0 }
    return bounded(Double(fallbackWork(behind: 0, sequence: min(64, runner.model.graph.limits.sequence))) / 2e6, patience)
  }

  /// Multiply–accumulates that are left for the fallback once the nodes before `cut` have run.
  private func fallbackWork(behind cut: Int, sequence: Int) -> Int {
    let graph = runner.model.graph
    let end = fallbackPath == .main ? graph.nodes(of: .main).upperBound : max(cut, graph.fork)
    let rest = graph.multiplyAccumulates(of: cut..<end, sequence: sequence)
    return fallbackPath == .main ? rest : rest + graph.multiplyAccumulates(of: graph.nodes(of: .local), sequence: sequence)
  }

  private func bounded(_ estimate: Double, _ patience: Int) -> Int { Int(min(estimate, Double(patience) / 2)) + 5 }
}

extension Graph {
  /// What a split point's name, or `Handover.rawName`, stands for.
  fileprivate func handover(named name: String) throws(DeviceError) -> Handover {
    if name == Handover.rawName { return .raw }
    guard let split = splitPoints.firstIndex(where: { $0.name == name }) else {
      throw .unknownSplit(name, available: [Handover.rawName] + splitPoints.map { $0.name })
    }
    return .split(split)
  }
}

extension Moment {
  /// The moment so many milliseconds before patience, counted from here, ends.
  fileprivate func adding(_ reserve: Int, before patience: Int) -> Moment {
    adding(milliseconds: UInt32(clamping: max(1, patience - reserve)))
  }

  /// Milliseconds since then.
  fileprivate var milliseconds: Double { Double(Moment.now.nanoseconds - nanoseconds) / 1e6 }
}
