import Device
import Foundation
import Synchronization
import Testing

/// Devices that leave everything to a peer, which runs their requests together.
@Suite struct RawBatchTests {
  let workspace = Workspace()

  private static let devices = 4
  private static let rounds = 10

  @Test func rawTextsOfSeveralDevicesHaveTheLocalBits() throws {
    let bundle = try workspace.writeBundle()
    let peer = try PeerProcess(bundle: bundle, ["--batch", "\(Self.devices)", "--batch-wait", "50"])
    let texts = ["a dog", Workspace.text, "the cat run , a dog sat", "a"]
    let local = try ModelRunner(path: bundle, threads: 1, kernels: nil)
    let expected = try texts.map { try local.run(Request(text: $0)) }
    let address = try PeerAddress("127.0.0.1:\(peer.port)")
    let surprises = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: Self.devices) { device in
      do {
        let options = SplitOptions(
          peers: [address], course: .fixed("input"), deadlineMilliseconds: 20_000, fallback: false)
        let runner = try SplitRunner(runner: ModelRunner(path: bundle, threads: 1, kernels: nil), options: options)
        for round in 0..<Self.rounds {
          let place = (device + round) % texts.count
          let answer = try runner.run(Request(text: texts[place]))
          guard answer.outputs.map(\.values) != expected[place].outputs.map(\.values) || answer.tokens != expected[place].tokens else {
            continue
          }
          surprises.withLock { $0.append("'\(texts[place])' has other bits") }
        }
      } catch {
        surprises.withLock { $0.append("\(error)") }
      }
    }
    #expect(surprises.withLock { $0 } == [])
    let log = try peer.end(with: SIGTERM).log
    #expect(count("answers", in: log) == Self.devices * Self.rounds)
    #expect(try #require(count("batches", in: log)) < Self.devices * Self.rounds)
  }
}
