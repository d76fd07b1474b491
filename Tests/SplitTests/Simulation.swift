import Split
import TestSupport
import Wire

/// A device, its peers and the links between them, in one thread and in simulated time: the same seed gives the same run.
final class Simulation {
  /// What goes wrong, each once in so many chances; 0 for never.
  struct Faults {
    var cut = 0
    var corrupt = 0
    var duplicate = 0
    var partition = 0
    var crash = 0
    var drain = 0
    var clockStep = 0
    var unreachable = 0

    static let none = Faults()
    static let all = Faults(cut: 60, corrupt: 60, duplicate: 60, partition: 80, crash: 25, drain: 15, clockStep: 150, unreachable: 20)
  }

  /// A defect put in on purpose, to see that the checker finds it.
  enum Plant: CaseIterable {
    case damageThatChecksumsMiss
    case lostEnd
    case doubledEnd
    case lateTicks
  }

  enum Event {
    case submit
    case connected(Int)
    case connectFailed(Int)
    case toDevice(Int, [UInt8])
    case toPeer(Int, [UInt8])
    case closedToDevice(Int)
    case closedToPeer(Int)
    case jobDone(Int, PeerJob)
  }

  struct Underway {
    let request: SplitRequest
    let expected: [UInt8]
  }

  static let addresses = 2
  let contract = BundleContract.toy()
  let faults: Faults
  let plant: Plant?
  var random: SeededGenerator
  var now = Moment.start
  var device: DeviceSession
  var peers: [Int: PeerSession] = [:]
  var connection = 0
  var partitioned: Set<Int> = []
  /// When the last bytes on a link arrive, by connection: bytes of one direction keep their order.
  var lastToDevice: [Int: Moment] = [:]
  var lastToPeer: [Int: Moment] = [:]
  var queue: [(time: Moment, event: Event)] = []
  var underway: Underway?
  var last: SplitRequest?
  /// Those of all requests.
  var features: [[UInt8]] = []
  var requestsLeft = 4
  let decoder = FeatureDecoder()
  var ends: [Result<RemoteAnswer, RemoteFailure>] = []
  /// The invariants that this run broke.
  var violations: [String] = []

  init(seed: UInt64, faults: Faults, plant: Plant? = nil) {
    random = SeededGenerator(seed: seed)
    self.faults = faults
    self.plant = plant
    var settings = DeviceSettings()
    settings.sendsDifferences = true
    settings.waitsForPeers = seed % 2 == 0
    device = DeviceSession(contract: contract, peers: Self.addresses, settings: settings, seed: seed)
  }

  func run() {
    schedule(.submit, after: 0)
    for _ in 0..<2_000 {
      guard step() else { break }
    }
    if underway != nil { violations.append("a request never ended") }
  }

  /// Handles whatever is next. False if nothing is.
  private func step() -> Bool {
    let next = queue.indices.min { queue[$0].time < queue[$1].time }
    let wakeUps = [device.wakeUp] + peers.values.map { $0.wakeUp }
    guard let time = (wakeUps + [next.map { queue[$0].time }]).compactMap({ $0 }).min() else { return false }
    now = max(now, time)
    if happens(faults.clockStep) { now = now.adding(milliseconds: .random(in: 0...5_000, using: &random)) }
    tick()
    if let next, queue[next].time <= now { handle(queue.remove(at: next).event) }
    if let underway, underway.request.deadline <= now { violations.append("a request outlived its deadline") }
    return underway != nil || requestsLeft > 0
  }

  private func tick() {
    for (number, var peer) in peers.sorted(by: { $0.key < $1.key }) {
      if let due = peer.wakeUp, due <= now {
        let actions = peer.tick(now: now)
        peers[number] = peer
        perform(actions, by: number)
      }
    }
    if let due = device.wakeUp, due <= now, plant != .lateTicks { perform(device.tick(now: now)) }
  }

  func happens(_ chances: Int) -> Bool {
    chances > 0 && random.once(in: chances)
  }

  func schedule(_ event: Event, after milliseconds: UInt32) {
    queue.append((now.adding(milliseconds: milliseconds), event))
  }
}

extension Simulation {
  private func handle(_ event: Event) {
    switch event {
    case .submit: submit()
    case .connected(let number) where number == connection: perform(device.connected(now: now))
    case .connectFailed(let number) where number == connection: perform(device.connectFailed(.refused, now: now))
    case .toDevice(let number, let bytes) where number == connection: perform(device.take(bytes, now: now))
    case .closedToDevice(let number) where number == connection: perform(device.closed(now: now))
    case .connected, .connectFailed, .toDevice, .closedToDevice: break
    case .toPeer(let number, let bytes): withPeer(number) { $0.take(bytes, now: now) }
    case .closedToPeer(let number): peers[number] = nil
    case .jobDone(let number, let job): withPeer(number) { $0.finished(request: job.request, outcome(of: job), now: now) }
    }
  }

  private func withPeer(_ number: Int, _ body: (inout PeerSession) -> [PeerAction]) {
    guard var peer = peers[number] else { return }
    var actions = body(&peer)
    if happens(faults.drain) { actions += peer.drain(now: now) }
    peers[number] = peer
    perform(actions, by: number)
    if happens(faults.crash) { crash(number) }
  }

  /// The peer's process dies: its links close, or the machine is gone and they fall silent.
  private func crash(_ number: Int) {
    peers[number] = nil
    if Bool.random(using: &random) { schedule(.closedToDevice(number), after: 5) }
  }

  /// Half of the peers know all features by name, half none.
  private func outcome(of job: PeerJob) -> Result<PeerResult, PeerErrorCode> {
    let isNamed = job.features.encoding.contains(.named)
    let named = isNamed ? features.first { FeatureName(of: $0).bytes == job.features.bytes } : nil
    if isNamed, named == nil || Bool.random(using: &random) { return .failure(.unknownFeatures) }
    guard let features = named ?? (try? decoder.decode(job.features, expected: job.featureBytes, base: job.base)) else {
      return .failure(.malformedFeatures)
    }
    return .success(.toy(contract.answer(split: job.split, features: features), job, features))
  }

  private func submit() {
    requestsLeft -= 1
    let request = Bool.random(using: &random) ? newRequest() : similarRequest() ?? newRequest()
    guard case .features(let features, let split) = request.body else { return }
    last = request
    self.features.append(features)
    underway = Underway(request: request, expected: contract.answer(split: split, features: features))
    perform(device.submit(request, now: now))
  }

  private func newRequest() -> SplitRequest {
    let split = UInt16.random(in: 0..<2, using: &random)
    let sequence = UInt16.random(in: 1...32, using: &random)
    let mask = UInt8.random(in: 0...255, using: &random)
    let features = (0..<(contract.featureBytes(split: split, sequence: sequence) ?? 0)).map { _ in
      UInt8.random(in: 0...255, using: &random) & mask
    }
    return SplitRequest(.features(features, split: split), sequence: sequence, present: 1, deadline: someDeadline())
  }

  /// The last request again, or one that differs from it in a byte.
  private func similarRequest() -> SplitRequest? {
    guard let last, case .features(var features, let split) = last.body else { return nil }
    if Bool.random(using: &random), let index = features.indices.randomElement(using: &random) { features[index] &+= 1 }
    return SplitRequest(.features(features, split: split), sequence: last.sequence, present: 1, deadline: someDeadline())
  }

  private func someDeadline() -> Moment { now.adding(milliseconds: .random(in: 50...3_000, using: &random)) }
}

extension Simulation {
  private func perform(_ actions: [DeviceAction]) {
    for action in actions {
      switch action {
      case .connect: connect()
      case .measured(_, let nanoseconds): if nanoseconds < 0 { violations.append("a round trip took less than no time") }
      case .send(let bytes): transmit(bytes, from: \.lastToPeer) { .toPeer(self.connection, $0) }
      case .close: schedule(.closedToPeer(hangUp()), after: 3)
      case .finish(let outcome): end(outcome)
      }
    }
  }

  private func perform(_ actions: [PeerAction], by number: Int) {
    for action in actions {
      switch action {
      case .send(let bytes): transmit(tampered(bytes), on: number, from: \.lastToDevice) { .toDevice(number, $0) }
      case .run(let job): schedule(.jobDone(number, job), after: .random(in: 1...200, using: &random))
      case .close:
        peers[number] = nil
        let rest = max(now, lastToDevice[number] ?? now)
        queue.append((rest, .closedToDevice(number)))
      }
    }
  }

  private func connect() {
    connection += 1
    let delay = UInt32.random(in: 1...100, using: &random)
    guard !happens(faults.unreachable) else { return schedule(.connectFailed(connection), after: delay) }
    peers[connection] = PeerSession(
      catalog: [contract], settings: PeerSettings(), session: UInt32(connection), now: now.adding(milliseconds: delay))
    schedule(.connected(connection), after: delay)
  }

  /// Leaves the connection: what still arrives on it is not the device's any more.
  private func hangUp() -> Int {
    let left = connection
    connection += 1
    return left
  }

  private func transmit(
    _ bytes: [UInt8], on number: Int? = nil, from order: ReferenceWritableKeyPath<Simulation, [Int: Moment]>, as event: ([UInt8]) -> Event
  ) {
    let number = number ?? connection
    if happens(faults.partition) { partitioned.insert(number) }
    if happens(faults.cut) { cut(number) }
    guard !partitioned.contains(number) else { return }
    for chunk in spoiled(chunks(of: bytes)) {
      let arrival = max(self[keyPath: order][number] ?? now, now.adding(milliseconds: .random(in: 0...60, using: &random)))
      // A millisecond apart, so that chunks on one link never change places.
      self[keyPath: order][number] = arrival.adding(milliseconds: 1)
      queue.append((arrival, event(chunk)))
    }
  }

  private func cut(_ number: Int) {
    schedule(.closedToDevice(number), after: .random(in: 0...50, using: &random))
    schedule(.closedToPeer(number), after: .random(in: 0...50, using: &random))
  }

  private func chunks(of bytes: [UInt8]) -> [[UInt8]] {
    guard Bool.random(using: &random) else { return [bytes] }
    let middle = Int.random(in: 0...bytes.count, using: &random)
    return [Array(bytes[..<middle]), Array(bytes[middle...])]
  }

  private func spoiled(_ chunks: [[UInt8]]) -> [[UInt8]] {
    chunks.flatMap { chunk in
      var chunk = chunk
      if happens(faults.corrupt), let index = chunk.indices.randomElement(using: &random) {
        chunk[index] ^= UInt8.random(in: 1...255, using: &random)
      }
      return happens(faults.duplicate) ? [chunk, chunk] : [chunk]
    }
  }

  private func tampered(_ bytes: [UInt8]) -> [UInt8] {
    var decoder = FrameDecoder(bodyLimit: 1_024)
    var offset = 0
    guard plant == .damageThatChecksumsMiss, (try? decoder.next(bytes.span, &offset)) != nil,
      case .frame(let frame) = try? decoder.next(bytes.span, &offset), frame.header.type == .result
    else { return bytes }
    return Frame(frame.header, body: frame.body.reversed()).encoded
  }

  private func end(_ outcome: Result<RemoteAnswer, RemoteFailure>) {
    if plant == .lostEnd { return }
    record(outcome)
    if plant == .doubledEnd { record(outcome) }
  }

  private func record(_ outcome: Result<RemoteAnswer, RemoteFailure>) {
    guard let ended = underway else { return violations.append("a request ended twice") }
    underway = nil
    ends.append(outcome)
    if case .success(let answer) = outcome {
      if answer.body != ended.expected { violations.append("an answer has the wrong bytes") }
      if now >= ended.request.deadline { violations.append("an answer came after the deadline") }
    }
    if requestsLeft > 0 { schedule(.submit, after: .random(in: 0...300, using: &random)) }
  }
}
