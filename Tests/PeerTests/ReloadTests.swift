import Glibc
import Peer
import Split
import Synchronization
import Testing
import Wire

/// A file whose model can be put in its place.
private final class Shelf: Sendable {
  private let state: Mutex<ToyModel?>

  init(_ model: ToyModel) { state = Mutex(model) }

  func put(_ model: ToyModel?) { state.withLock { $0 = model } }

  func open() throws(FusionFailure) -> ToyModel {
    guard let model = state.withLock({ $0 }) else { throw .failed(reason: "rubbish") }
    return model
  }
}

private let rows = features(rows: 3)
private let answer = ToyModel.answer(to: rows)

/// What a device with that bundle gets over a new connection.
private func ask(_ model: ToyModel, _ port: UInt16) -> Result<[UInt8], RemoteFailure> {
  var device = TestDevice(model.contract, port: port)
  return device.ask(rows)
}

@Test func aDeviceChoosesAmongBundles() async throws {
  let models = [ToyModel(mark: 1), ToyModel(mark: 2)]
  try await withServer(library(models[0], models[1])) { server, _ in
    let port = server.address.port
    let outcomes = await blocking { models.map { ask($0, port) } }
    #expect(outcomes == [.success(answer), .success(answer)])
  }
  #expect(models.allSatisfy { $0.completedRuns == 1 })
}

@Test func newSessionsGetTheNewBundleAndOldOnesKeepTheirs() async throws {
  let (old, new) = (ToyModel(mark: 1), ToyModel(mark: 2))
  let shelf = Shelf(old)
  let library = try ModelLibrary(["toy"], logger: silent) { _ in try shelf.open() }
  try await withServer(library, configure: { $0.cacheBytes = 0 }) { server, _ in
    let port = server.address.port
    let outcomes = await blocking { () -> [Result<[UInt8], RemoteFailure>] in
      var device = TestDevice(old.contract, port: port)
      let before = device.ask(rows)
      shelf.put(nil)
      server.reload()
      let afterRubbish = ask(old, port)
      shelf.put(new)
      server.reload()
      return [before, afterRubbish, device.ask(rows), ask(new, port), ask(old, port)]
    }
    let refusal = RemoteFailure.incompatibleBundle(device: old.contract.hash.prefix, peer: new.contract.hash.prefix)
    #expect(outcomes == [.success(answer), .success(answer), .success(answer), .success(answer), .failure(refusal)])
  }
  #expect(old.completedRuns == 3 && new.completedRuns == 1)
}

@Test func reloadsUnderLoadLoseNothing() async throws {
  let models = [ToyModel(mark: 1) { _ in usleep(300) }, ToyModel(mark: 2) { _ in usleep(300) }]
  let shelf = Shelf(models[0])
  let library = try ModelLibrary(["toy"], logger: silent) { _ in try shelf.open() }
  let greeted = Counter()
  let metrics = try await withServer(library) { server, _ in
    let port = server.address.port
    let devices = await withTaskGroup(of: Int.self) { group in
      for number in 0..<4 {
        group.addTask {
          await blocking {
            var device = TestDevice(models[0].contract, port: port)
            _ = device.ask(rows)
            greeted.increase()
            return (0..<100).count {
              let rows = features(rows: 2, seed: number * 100 + $0)
              return device.ask(rows) == .success(ToyModel.answer(to: rows))
            }
          }
        }
      }
      while greeted.count < 4 { usleep(500) }
      for turn in 1...40 {
        usleep(1_000)
        shelf.put(models[turn % 2])
        server.reload()
      }
      return await group.reduce(0, +)
    }
    #expect(devices == 400)
  }
  #expect(metrics.failures == 0)
}
