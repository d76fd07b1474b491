import Glibc
import Peer
import Split
import Testing
import Wire

/// A model whose first run takes 50 ms, and each later one until it is released.
private func slowModel(_ started: Counter, _ released: Counter) -> ToyModel {
  ToyModel { run in
    guard run > 0 else { return _ = usleep(50_000) }
    started.increase()
    while released.count == 0 { usleep(500) }
  }
}

@Test func theWaitIsTold() async throws {
  let (started, released) = (Counter(), Counter())
  let model = slowModel(started, released)
  try await withServer(model) { server, _ in
    let port = server.address.port
    let waits = await blocking { () -> [UInt16] in
      var device = TestDevice(model.contract, port: port)
      _ = device.ask(features(rows: 1))
      let conversation = Conversation(model.contract, port: port)
      let idle = conversation.load().wait
      conversation.send(features(rows: 1, seed: 1))
      while started.count == 0 { usleep(500) }
      let one = conversation.load().wait
      conversation.send(features(rows: 1, seed: 2))
      _ = conversation.load()  // came with the request, maybe
      let two = conversation.load().wait
      released.increase()
      return [idle, one, two]
    }
    #expect(waits[0] == 0 && waits[1] >= 50, "\(waits)")
    #expect(waits[2] >= 2 * waits[1] && waits[2] <= 2 * waits[1] + 1, "\(waits)")
  }
}

@Test func beyondTheLongestQueueNoneAreTaken() async throws {
  let (started, released) = (Counter(), Counter())
  let model = slowModel(started, released)
  let metrics = try await withServer(model, configure: { $0.longestQueueMilliseconds = 20 }) { server, _ in
    let port = server.address.port
    let (load, outcomes) = await blocking { () -> (PeerLoad, [Result<[UInt8], RemoteFailure>]) in
      var device = TestDevice(model.contract, port: port)
      let first = device.ask(features(rows: 1))
      let conversation = Conversation(model.contract, port: port)
      conversation.send(features(rows: 1, seed: 1))
      while started.count == 0 { usleep(500) }
      let load = conversation.load()
      var other = TestDevice(model.contract, port: port)
      let refusal = other.ask(features(rows: 1, seed: 2))
      conversation.send(features(rows: 1, seed: 3))
      let isBusy = conversation.nextCode() == PeerErrorCode.busy.rawValue
      released.increase()
      _ = conversation.nextCode()
      var third = TestDevice(model.contract, port: port)
      return (load, [first, refusal, isBusy ? third.ask(features(rows: 1, seed: 2)) : refusal])
    }
    #expect(load == .none)
    #expect(
      outcomes == [
        .success(ToyModel.answer(to: features(rows: 1))), .failure(.peer(.busy)),
        .success(ToyModel.answer(to: features(rows: 1, seed: 2))),
      ])
  }
  #expect(metrics.answers == 3)
}

@Test func aDeadlineThatCannotBeMetIsToldAtOnce() async throws {
  let (started, released) = (Counter(), Counter())
  let model = slowModel(started, released)
  let metrics = try await withServer(model) { server, _ in
    let port = server.address.port
    let codes = await blocking { () -> [UInt16?] in
      var device = TestDevice(model.contract, port: port)
      _ = device.ask(features(rows: 1))
      let running = Conversation(model.contract, port: port)
      let hasty = Conversation(model.contract, port: port)
      running.send(features(rows: 1, seed: 1))
      while started.count == 0 { usleep(500) }
      hasty.send(features(rows: 1, seed: 2), milliseconds: 60)
      let refusal = hasty.nextCode()
      released.increase()
      return [refusal, running.nextCode()]
    }
    #expect(codes == [PeerErrorCode.busy.rawValue, nil])
  }
  #expect(metrics.refusedRequests == 1 && metrics.answers == 2)
}
