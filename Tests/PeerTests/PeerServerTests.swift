import Glibc
import Peer
import ServiceLifecycle
import Split
import Testing
import Wire

@Test func requestsAreAnsweredOverLoopback() async throws {
  let model = ToyModel()
  let metrics = try await withServer(model) { server, _ in
    let port = server.address.port
    let outcomes = await blocking {
      var device = TestDevice(model.contract, port: port)
      return [1, 16, 128, 512].map { device.ask(features(rows: $0)) == .success(ToyModel.answer(to: features(rows: $0))) }
    }
    #expect(outcomes == [true, true, true, true])
  }
  #expect(metrics.connections == 1 && metrics.requests == 4 && metrics.answers == 4 && metrics.failures == 0)
  #expect(metrics.bytesIn > 387 && metrics.bytesOut > 4 * 1_536)
}

@Test func rawInputsAreRunWhole() async throws {
  let model = ToyModel()
  let metrics = try await withServer(model) { server, _ in
    let port = server.address.port
    let outcomes = await blocking {
      var device = TestDevice(model.contract, port: port)
      return [device.ask(text: "a cat"), device.ask(text: "a cat asleep")]
    }
    #expect(outcomes == ["a cat", "a cat asleep"].map { .success(ToyModel.answer(to: Array($0.utf8))) })
  }
  #expect(metrics.answers == 2)
}

@Test func anotherBundleIsRefused() async throws {
  let model = ToyModel(mark: 1)
  let other = ToyModel(mark: 2).contract
  try await withServer(model) { server, _ in
    let port = server.address.port
    let outcome = await blocking {
      var device = TestDevice(other, port: port)
      return device.ask(features(rows: 4))
    }
    #expect(outcome == .failure(.incompatibleBundle(device: other.hash.prefix, peer: model.contract.hash.prefix)))
  }
  #expect(model.completedRuns == 0)
}

@Test func nobodyListeningIsRefused() async throws {
  let listener = openListener()
  close(listener.descriptor)
  let outcome = await blocking {
    var device = TestDevice(ToyModel().contract, port: listener.port)
    return device.ask(features(rows: 4))
  }
  #expect(outcome == .failure(.refused))
}

@Test func aPeerKilledMidRequestIsClosed() async throws {
  let contract = ToyModel().contract
  let listener = openListener()
  async let killed: Void = blocking {
    let connection = accept(listener.descriptor, nil, nil)
    _ = receive(connection)
    let welcome = Welcome(
      session: 1, version: 2, splitCount: 1, maximumSequence: 512, rawKibibytes: 0, bundle: contract.hash,
      load: PeerLoad(credits: 1, wait: 0))
    sendAll(connection, welcome.frame.encoded)
    _ = receive(connection)
    close(connection)
    close(listener.descriptor)
  }
  let outcome = await blocking {
    var device = TestDevice(contract, port: listener.port)
    return device.ask(features(rows: 4))
  }
  await killed
  #expect(outcome == .failure(.closed))
}

@Test func aModelThatFailsIsATypedFailure() async throws {
  let model = ToyModel { run throws(FusionFailure) in throw .failed(reason: "/secret/path") }
  let metrics = try await withServer(model) { server, _ in
    let port = server.address.port
    let outcome = await blocking {
      var device = TestDevice(model.contract, port: port)
      return device.ask(features(rows: 4))
    }
    #expect(outcome == .failure(.peer(.internal)))
  }
  #expect(metrics.failures == 1)
}

@Test func theDeadlinePassesWhileTheModelIsBusy() async throws {
  let released = Counter()
  let model = ToyModel { _ in while released.count == 0 { usleep(1_000) } }
  try await withServer(model) { server, _ in
    let port = server.address.port
    let outcome = await blocking {
      var device = TestDevice(model.contract, port: port)
      return device.ask(features(rows: 4), milliseconds: 200)
    }
    #expect(outcome == .failure(.deadlinePassed))
    released.increase()
  }
}

@Test func compressedRubbishIsATypedFailure() async throws {
  let model = ToyModel()
  try await withServer(model) { server, _ in
    let port = server.address.port
    let codes = await blocking { () -> [UInt16] in
      let descriptor = openConnection(port: port)
      sendAll(descriptor, Hello(versions: 2...2, bundle: model.contract.hash).frame.encoded)
      _ = receive(descriptor)
      let plan = PlanID(bundle: model.contract.hash.prefix, split: 0)
      let header = FrameHeader.request(
        1, session: 1, plan: plan, encoding: .zstd, sequence: 2, present: 1, deadline: 9_000)
      sendAll(descriptor, Frame(header, body: [1, 2, 3]).encoded)
      let reply = receive(descriptor)
      sendAll(descriptor, Frame(FrameHeader(.goodbye, session: 1)).encoded)
      defer { close(descriptor) }
      return (frames(in: reply) + receiveFrames(descriptor)).compactMap { try? ErrorReply($0).code }
    }
    #expect(codes == [PeerErrorCode.malformedFeatures.rawValue])
  }
  #expect(model.completedRuns == 0)
}

@Test func aDripIsCutAndOthersAreServed() async throws {
  let model = ToyModel()
  try await withServer(model, configure: { $0.session.frameMilliseconds = 150 }) { server, _ in
    let port = server.address.port
    let (codes, served) = await blocking { () -> ([UInt16], [Bool]) in
      let descriptor = openConnection(port: port)
      defer { close(descriptor) }
      var device = TestDevice(model.contract, port: port)
      var served: [Bool] = []
      for byte in Hello(versions: 2...2, bundle: model.contract.hash).frame.encoded {
        guard sendAll(descriptor, [byte]) else { break }
        served.append(device.ask(features(rows: 1)) == .success(ToyModel.answer(to: features(rows: 1))))
        usleep(20_000)
      }
      return (receiveFrames(descriptor).compactMap { try? ErrorReply($0).code }, served)
    }
    #expect(served.allSatisfy { $0 })
    #expect(codes == [PeerErrorCode.tooSlow.rawValue])
  }
}

@Test func aConnectionTooManyIsTold() async throws {
  let model = ToyModel()
  let metrics = try await withServer(model, configure: { $0.maximumConnections = 1 }) { server, _ in
    let port = server.address.port
    let outcomes = await blocking { () -> [Result<[UInt8], RemoteFailure>] in
      var first = TestDevice(model.contract, port: port)
      var second = TestDevice(model.contract, port: port)
      return [first.ask(features(rows: 1)), second.ask(features(rows: 1)), first.ask(features(rows: 1))]
    }
    let answer = ToyModel.answer(to: features(rows: 1))
    #expect(outcomes == [.success(answer), .failure(.peer(.busy)), .success(answer)])
  }
  #expect(metrics.refusedConnections == 1)
}

@Test func aConnectionCutAtAnyByteHurtsNobody() async throws {
  let model = ToyModel()
  let header = FrameHeader.request(
    1, session: 1, plan: PlanID(bundle: model.contract.hash.prefix, split: 0), sequence: 1, present: 1, deadline: 9_000)
  let stream = Hello(versions: 2...2, bundle: model.contract.hash).frame.encoded + Frame(header, body: features(rows: 1)).encoded
  try await withServer(model) { server, _ in
    let port = server.address.port
    let outcome = await blocking { () -> Result<[UInt8], RemoteFailure> in
      for length in 0..<stream.count {
        let descriptor = openConnection(port: port)
        sendAll(descriptor, Array(stream[..<length]))
        close(descriptor)
      }
      var device = TestDevice(model.contract, port: port)
      return device.ask(features(rows: 3))
    }
    #expect(outcome == .success(ToyModel.answer(to: features(rows: 3))))
  }
  #expect(model.completedRuns == 1)
}

@Test func drainingUnderLoadLosesNothing() async throws {
  let (started, signal) = AsyncStream.makeStream(of: Void.self)
  let model = ToyModel { run in
    if run == 40 { signal.finish() }
    usleep(500)
  }
  let metrics = try await withServer(model, configure: { $0.cacheBytes = 0 }) { server, services in
    let port = server.address.port
    let ends = await withTaskGroup { group in
      for number in 0..<8 {
        group.addTask { await blocking { askUntilItEnds(model, port, seed: number) } }
      }
      for await _ in started {}
      await services.triggerGracefulShutdown()
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(ends.reduce(0) { $0 + $1.answers } == model.completedRuns)
    #expect(ends.allSatisfy { [.refused, .peer(.draining), .closed].contains($0.failure) }, "\(ends)")
  }
  #expect(metrics.answers == model.completedRuns && metrics.answers + metrics.unknown == metrics.requests)
  #expect(model.completedRuns > 40)
}

/// Asks until the peer is gone: how many right answers came, and what ended them.
private func askUntilItEnds(_ model: ToyModel, _ port: UInt16, seed: Int) -> (answers: Int, failure: RemoteFailure?) {
  var device = TestDevice(model.contract, port: port)
  let rows = features(rows: 8, seed: seed)
  var answers = 0
  while true {
    switch device.ask(rows) {
    case .success(let answer):
      guard answer == ToyModel.answer(to: rows) else { return (answers, nil) }
      answers += 1
    case .failure(let failure): return (answers, failure)
    }
  }
}
