import Glibc
import Peer
import Split
import TestSupport
import Testing
import Wire

/// The same as `RecentlyUsed`, by looking through all of it.
private struct PlainRecentlyUsed {
  let limit: Int
  /// The latest last.
  var entries: [(key: Int, value: Int, bytes: Int)] = []

  mutating func value(for key: Int) -> Int? {
    guard let place = entries.firstIndex(where: { $0.key == key }) else { return nil }
    entries.append(entries.remove(at: place))
    return entries[entries.count - 1].value
  }

  mutating func insert(_ value: Int, for key: Int, bytes: Int) {
    entries.removeAll { $0.key == key }
    guard bytes <= limit else { return }
    entries.append((key, value, bytes))
    while entries.reduce(0, { $0 + $1.bytes }) > limit { entries.removeFirst() }
  }
}

@Test(arguments: [0, 1, 40, 1_000]) func theOldestMakesRoomByBytes(limit: Int) {
  var generator = SeededGenerator(seed: UInt64(limit))
  var plain = PlainRecentlyUsed(limit: limit)
  var recent = RecentlyUsed<Int, Int>(limit: limit)
  for value in 0..<scaled(4_000) {
    let key = Int.random(in: 0..<30, using: &generator)
    if Bool.random(using: &generator) {
      #expect(recent.value(for: key) == plain.value(for: key))
    } else {
      let bytes = Int.random(in: 0...45, using: &generator)
      recent.insert(value, for: key, bytes: bytes)
      plain.insert(value, for: key, bytes: bytes)
    }
    #expect(recent.count == plain.entries.count)
    #expect(recent.bytes == plain.entries.reduce(0) { $0 + $1.bytes } && recent.bytes <= limit)
  }
}

/// What the devices of `turns` got when each asked, over a connection of its own, for features with that seed; and what the peer counted.
private func ask(_ turns: [Int], _ model: ToyModel, cache bytes: Int) async throws -> (areRight: Bool, metrics: PeerMetrics) {
  let (areRight, answered) = (Counter(), turns.count)
  let metrics = try await withServer(model, configure: { $0.cacheBytes = bytes }) { server, _ in
    let port = server.address.port
    await blocking {
      for seed in turns {
        var device = TestDevice(model.contract, port: port)
        let rows = features(rows: 2, seed: seed)
        if device.ask(rows) == .success(ToyModel.answer(to: rows)) { areRight.increase() }
      }
    }
  }
  return (areRight.count == answered, metrics)
}

@Test func featuresOfAnotherDeviceAreNotRunAgain() async throws {
  let model = ToyModel()
  let (areRight, metrics) = try await ask([1, 2, 1, 1, 2], model, cache: 1 << 20)
  #expect(areRight && model.completedRuns == 2)
  #expect(metrics.cacheHits == 3 && metrics.cacheMisses == 2 && metrics.answers == 5)
}

@Test func answersMakeRoomForOthers() async throws {
  let model = ToyModel()
  // Features, answer and what holds them: room for two.
  let (areRight, metrics) = try await ask([1, 2, 1, 3, 1, 2], model, cache: 2 * (2 * 387 + 1_536 + 256))
  #expect(areRight && model.completedRuns == 4)
  #expect(metrics.cacheHits == 2 && metrics.cacheMisses == 4)
}

@Test func withoutACacheAllIsRun() async throws {
  let model = ToyModel()
  let (areRight, metrics) = try await ask([1, 1, 1], model, cache: 0)
  #expect(areRight && model.completedRuns == 3)
  #expect(metrics.cacheHits == 0 && metrics.cacheMisses == 0)
}

@Test(arguments: [0, 1 << 20]) func namedFeaturesAreAnsweredWhereTheyAreAtHand(cache bytes: Int) async throws {
  let model = ToyModel()
  let rows = features(rows: 4)
  let metrics = try await withServer(model, configure: { $0.cacheBytes = bytes }) { server, _ in
    let port = server.address.port
    let outcomes = await blocking { () -> [Result<[UInt8], RemoteFailure>] in
      var device = TestDevice(model.contract, port: port)
      return [device.ask(rows), device.ask(rows)]
    }
    #expect(outcomes == [.success(ToyModel.answer(to: rows)), .success(ToyModel.answer(to: rows))])
  }
  #expect(model.completedRuns == (bytes > 0 ? 1 : 2))
  #expect(metrics.answers == 2 && metrics.unknown == (bytes > 0 ? 0 : 1) && metrics.cacheHits == (bytes > 0 ? 1 : 0))
}

/// A name is of use only for the same request: nobody gets another's answer by it, nor by bytes of that name.
@Test func aNameIsOfTheRequestAsWell() async throws {
  let model = ToyModel()
  let rows = features(rows: 2)
  let plan = PlanID(bundle: model.contract.hash.prefix, split: 0)
  let metrics = try await withServer(model) { server, _ in
    let port = server.address.port
    let types = await blocking { () -> [FrameType] in
      let descriptor = openConnection(port: port)
      defer { close(descriptor) }
      sendAll(descriptor, Hello(versions: 2...2, bundle: model.contract.hash).frame.encoded)
      _ = receive(descriptor)
      let name = EncodedFeatures(named: FeatureName(of: rows))
      let requests: [(UInt16, EncodedFeatures)] = [
        (2, EncodedFeatures(bytes: rows, encoding: [])), (2, name), (3, name),
        (2, EncodedFeatures(named: FeatureName(of: name.bytes))),
      ]
      return requests.enumerated().flatMap { index, request in
        let header = FrameHeader.request(
          UInt32(index + 1), session: 1, plan: plan, encoding: request.1.encoding, sequence: request.0, present: 1, deadline: 9_000)
        sendAll(descriptor, Frame(header, body: request.1.bytes).encoded)
        return frames(in: receive(descriptor)).map(\.header.type)
      }
    }
    #expect(types == [.result, .result, .error, .error])
  }
  #expect(metrics.unknown == 2 && metrics.cacheHits == 1 && model.completedRuns == 1)
}
