import Glibc
import Peer
import Split
import Synchronization
import Testing
import Wire

/// A model whose first request takes until it is released.
private func heldModel(_ started: Counter, _ released: Counter) -> ToyModel {
  ToyModel { run in
    guard run == 0 else { return }
    started.increase()
    while released.count == 0 { usleep(500) }
  }
}

/// What devices get that send these features, or raw inputs, each over a connection of its own, while the model is held by another's; and
/// what the peer counted.
private func askTogether(
  _ bodies: [[UInt8]], areRaw: Bool = false, configure: @escaping (inout PeerConfiguration) -> Void = { _ in }
) async throws -> (replies: [Frame?], metrics: PeerMetrics) {
  let (started, released) = (Counter(), Counter())
  let model = heldModel(started, released)
  var replies: [Frame?] = []
  let metrics = try await withServer(model, configure: configure) { server, _ in
    let port = server.address.port
    replies = await blocking {
      let first = Conversation(model.contract, port: port)
      first.send(features(rows: 1, seed: 99))
      while started.count == 0 { usleep(500) }
      let conversations = bodies.map { body in
        let conversation = Conversation(model.contract, port: port)
        if areRaw { conversation.send(raw: body) } else { conversation.send(body) }
        _ = conversation.load()
        return conversation
      }
      released.increase()
      _ = first.next()
      return conversations.map { $0.next() }
    }
  }
  return (replies, metrics)
}

@Test func whatWaitsTogetherRunsTogether() async throws {
  let bodies = (1...6).map { features(rows: $0, seed: $0) }
  let (replies, metrics) = try await askTogether(bodies)
  #expect(replies.map { $0?.body } == bodies.map(ToyModel.answer(to:)))
  #expect(metrics.batches.count == 2 && metrics.batches.sum == 7 && metrics.answers == 7)
}

@Test func rawInputsRunTogetherAndHarmNoOther() async throws {
  let texts = ["a cat", "a dog asleep", "rain"].map { RawInputs([.init(kind: .text, bytes: Array($0.utf8))]) }
  let picture = RawInputs([.init(kind: .image, bytes: [0xFF, 0xD8])])
  let bodies = [texts[0].encoded, picture.encoded, texts[1].encoded, [1, 2, 3], texts[2].encoded]
  let (replies, metrics) = try await askTogether(bodies, areRaw: true)
  for (text, place) in zip(texts, [0, 2, 4]) { #expect(replies[place]?.body == text[.text].map(ToyModel.answer(to:))) }
  for place in [1, 3] { #expect(try ErrorReply(#require(replies[place])).code == PeerErrorCode.unsuitableInput.rawValue) }
  #expect(metrics.batches.count == 2 && metrics.batches.sum == 5 && metrics.answers == 4 && metrics.failures == 2)
}

@Test(arguments: [(1, 64, 7), (4, 64, 3), (16, 12, 3)])
func aBatchKeepsItsLimits(requests: Int, rows: Int, batches: Int) async throws {
  let bodies = (1...6).map { features(rows: 4, seed: $0) }
  let (replies, metrics) = try await askTogether(bodies) {
    $0.batch.requests = requests
    $0.batch.rows = rows
  }
  #expect(replies.map { $0?.body } == bodies.map(ToyModel.answer(to:)))
  #expect(metrics.batches.count == batches && metrics.batches.sum == 7)
}

/// A model's thread runs what is long or new; what was brief lately, and is alone, runs where it is read.
@Test func aBriefRequestWakesNoOtherThread() async throws {
  let threads = Mutex<[pthread_t]>([])
  let isSlow = Atomic(false)
  let model = ToyModel { _ in
    threads.withLock { $0.append(pthread_self()) }
    if isSlow.load(ordering: .sequentiallyConsistent) { usleep(5_000) }
  }
  try await withServer(model) { server, _ in
    let port = server.address.port
    let (own, other, later) = await blocking { () -> (pthread_t?, pthread_t?, pthread_t?) in
      var device = TestDevice(model.contract, port: port)
      var seed = 0
      let ask = { () -> pthread_t? in
        seed += 1
        _ = device.ask(features(rows: 1, seed: seed))
        return threads.withLock { $0.last }
      }
      let own = ask()
      var other = own
      // A busy machine makes any request long now and then.
      for _ in 0..<1_000 where other == own { other = ask() }
      isSlow.store(true, ordering: .sequentiallyConsistent)
      _ = ask()
      return (own, other, ask())
    }
    #expect(own != nil && other != own && later == own)
  }
}

@Test func oneThatIsMalformedHarmsNoOther() async throws {
  let bodies = [features(rows: 2, seed: 1), Array(repeating: 7, count: 387), features(rows: 3, seed: 2)]
  let (replies, metrics) = try await askTogether(bodies)
  #expect(replies[0]?.body == ToyModel.answer(to: bodies[0]) && replies[2]?.body == ToyModel.answer(to: bodies[2]))
  #expect(try ErrorReply(#require(replies[1])).code == PeerErrorCode.malformedFeatures.rawValue)
  #expect(metrics.batches.count == 2 && metrics.batches.sum == 3 && metrics.failures == 1)
}

@Test func theSameFeaturesRunOnce() async throws {
  let bodies = [1, 2, 1, 1, 2].map { features(rows: 2, seed: $0) }
  let (replies, metrics) = try await askTogether(bodies)
  #expect(replies.map { $0?.body } == bodies.map(ToyModel.answer(to:)))
  #expect(metrics.batches.sum == 3 && metrics.cacheHits == 3 && metrics.cacheMisses == 3)
  let (again, uncached) = try await askTogether(bodies) { $0.cacheBytes = 0 }
  #expect(again.map { $0?.body } == bodies.map(ToyModel.answer(to:)) && uncached.batches.sum == 6)
}

/// A batch that is full does not wait, and one that never fills waits no longer than a deadline allows.
@Test func aRequestWaitsForOthersIfToldTo() async throws {
  let model = ToyModel()
  let metrics = try await withServer(
    model,
    configure: {
      $0.batch.requests = 2
      $0.batch.waitMilliseconds = 60_000
    }
  ) { server, _ in
    let port = server.address.port
    let bodies = await blocking { () -> [[UInt8]?] in
      let (one, other) = (Conversation(model.contract, port: port), Conversation(model.contract, port: port))
      one.send(features(rows: 1, seed: 1))
      usleep(20_000)
      other.send(features(rows: 1, seed: 2))
      let together = [one.next()?.body, other.next()?.body]
      one.send(features(rows: 1, seed: 3), milliseconds: 300)
      return together + [one.next()?.body]
    }
    #expect(bodies == (1...3).map { ToyModel.answer(to: features(rows: 1, seed: $0)) })
  }
  #expect(metrics.batches.count == 2 && metrics.batches.sum == 3)
}
