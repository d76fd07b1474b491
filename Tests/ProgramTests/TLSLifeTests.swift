import Device
import Foundation
import Split
import Synchronization
import TestSupport
import Testing

/// How the requests of a thread went, until it is told to end.
private final class Tally: Sendable {
  private let state = Mutex((isOver: false, answers: 0, failures: [String]()))

  var isOver: Bool { state.withLock { $0.isOver } }
  var answers: Int { state.withLock { $0.answers } }
  var failures: [String] { state.withLock { $0.failures } }

  func end() { state.withLock { $0.isOver = true } }

  func add(_ failure: String?) {
    state.withLock { state in if let failure { state.failures.append(failure) } else { state.answers += 1 } }
  }
}

/// Devices in this process with a peer over TLS: connections that break, sessions that are resumed, certificates that change.
@Suite struct TLSLifeTests {
  let workspace = Workspace()
  let certificates = Result { try Certificates() }

  private func options(_ port: UInt16, fallback: Bool = false) throws -> SplitOptions {
    let files = try certificates.get()
    return SplitOptions(
      peers: [try PeerAddress("127.0.0.1:\(port)")], course: .fixed("encoder.0"), deadlineMilliseconds: 20_000, fallback: fallback,
      tls: TLSFiles(
        authority: files.path("ca.pem"), identity: (files.path("porch.pem"), files.path("porch.key")), serverName: "localhost"))
  }

  /// At every fourth byte, and with TRIBUTARY_FUZZ_SCALE=4 at each. A connection that is cut before it is open is tried once more.
  @Test func aConnectionCutAnywhereIsTriedAgainOrClosed() throws {
    let bundle = try workspace.writeBundle()
    let peer = try PeerProcess(bundle: bundle, certificates.get().peerFlags)
    let runner = try ModelRunner(path: bundle, threads: 1, kernels: nil)
    let request = Request(text: Workspace.text)
    let local = try runner.run(request).outputs.map(\.values)
    let whole = try SplitRunner(runner: runner, options: options(peer.port)).run(request)
    #expect(whole.outputs.map(\.values) == local)
    let wire = try #require(whole.wire)
    var failures: [RemoteFailure?] = []
    for (sent, received) in [(wire.sent, Int.max), (Int.max, wire.received)] {
      // A signature may be some bytes shorter another time.
      for count in stride(from: 0, to: min(sent, received) - 8, by: max(1, 4 / scaled(1))) {
        let relay = Listener(relayingTo: peer.port, up: sent == .max ? .max : count, down: received == .max ? .max : count)
        let answer = try SplitRunner(runner: runner, options: options(relay.port, fallback: true)).run(request)
        #expect(answer.outputs.map(\.values) == local)
        failures.append(answer.failure)
        #expect([nil, .closed].contains(failures[failures.count - 1]), "\(count) bytes")
      }
    }
    #expect(failures.contains(nil) && failures.contains(.closed))
    #expect(try SplitRunner(runner: runner, options: options(peer.port)).run(request).outputs.map(\.values) == local)
    #expect(try peer.end(with: SIGTERM).status == 0)
  }

  @Test func aSessionIsResumed() throws {
    let bundle = try workspace.writeBundle()
    let peer = try PeerProcess(bundle: bundle, certificates.get().peerFlags)
    let runner = try ModelRunner(path: bundle, threads: 1, kernels: nil)
    let request = Request(text: Workspace.text)
    let whole = try SplitRunner(runner: runner, options: options(peer.port)).run(request)
    // Lets the first request through and cuts the second, which the device then sends over a new connection.
    let relay = try Listener(relayingTo: peer.port, up: #require(whole.wire).sent + 100)
    let device = try SplitRunner(runner: runner, options: options(relay.port))
    let first = try device.run(request)
    let second = try device.run(Request(text: "the cat run , a dog sat"))
    #expect(first.outputs.map(\.values) == whole.outputs.map(\.values))
    let (before, after) = (try #require(first.wire).received, try #require(second.wire).received)
    #expect(after < before - 500, "\(after) bytes, \(before) with the peer's certificate")
    let log = try peer.end(with: SIGTERM).log
    #expect(count("answers", in: log) == 3 && count("connections", in: log) == 3)
  }

  @Test func certificatesChangeWhileRequestsRun() throws {
    let bundle = try workspace.writeBundle()
    let files = try certificates.get()
    let peer = try PeerProcess(bundle: bundle, files.peerFlags)
    let options = try options(peer.port)
    let tally = Tally()
    let finished = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      while !tally.isOver {
        do throws(DeviceError) {
          let runner = try ModelRunner(path: bundle, threads: 1, kernels: nil)
          _ = try SplitRunner(runner: runner, options: options).run(Request(text: Workspace.text))
          tally.add(nil)
        } catch { tally.add(error.description) }
      }
      finished.signal()
    }
    try files.make(["--renew", "peer"])
    kill(peer.identifier, SIGHUP)
    try peer.waitForLog("certificates reloaded")
    let good = try contents(of: files.path("peer.pem"))
    try files.write("peer.pem", "rubbish\n")
    kill(peer.identifier, SIGHUP)
    try peer.waitForLog("certificates not reloaded")
    try files.write("peer.pem", good)
    try peer.waitForLog("certificates reloaded", count: 2)  // without a signal: a connection looks
    tally.end()
    finished.wait()
    #expect(tally.answers > 3 && tally.failures.isEmpty, "\(tally.failures)")
    let (status, log) = try peer.end(with: SIGTERM)
    #expect(status == 0 && log.contains("holds no certificate in PEM"))
  }
}
