import Device
import Foundation
import Split
import Synchronization
import Testing
import Wire

/// What devices that ask again and again got from a peer, until it failed them.
private final class Askers: Sendable {
  struct Tally {
    var answers = 0
    var wrong = 0
    var failures: [RemoteFailure] = []
    var surprises: [String] = []
  }

  static let devices = 3
  private let tally = Mutex(Tally())
  private let finished = DispatchSemaphore(value: 0)

  /// Starts the devices, each with one connection, kept between requests.
  init(bundle: String, peer: UInt16) {
    for _ in 0..<Self.devices {
      Thread.detachNewThread {
        do throws(DeviceError) {
          try self.ask(bundle, peer)
        } catch {
          self.note(error)
        }
        self.finished.signal()
      }
    }
  }

  private func ask(_ bundle: String, _ port: UInt16) throws(DeviceError) {
    let runner = try ModelRunner(path: bundle, threads: 1, kernels: nil)
    let request = Request(text: Workspace.text)
    let local = try runner.run(request).outputs.map(\.values)
    let options = SplitOptions(
      peers: [try PeerAddress("127.0.0.1:\(port)")], course: .fixed("encoder.0"), deadlineMilliseconds: 2_000, fallback: false)
    let device = try SplitRunner(runner: runner, options: options)
    while true {
      let answer = try device.run(request)
      tally.withLock {
        $0.answers += 1
        if answer.outputs.map(\.values) != local { $0.wrong += 1 }
      }
    }
  }

  private func note(_ error: DeviceError) {
    tally.withLock {
      if case .remote(let failure, _) = error { $0.failures.append(failure) } else { $0.surprises.append(error.description) }
    }
  }

  /// Waits until so many answers have come.
  func waitForAnswers(_ count: Int) {
    while tally.withLock({ $0.answers < count && $0.failures.isEmpty && $0.surprises.isEmpty }) { usleep(500) }
  }

  /// Waits until every device has been failed.
  func end() -> Tally {
    for _ in 0..<Self.devices { finished.wait() }
    return tally.withLock { $0 }
  }
}

@Suite struct PeerLifeTests {
  let workspace = Workspace()

  @Test func aPeerToldToStopAnswersAllThatItAccepted() throws {
    let bundle = try workspace.writeBundle()
    let peer = try PeerProcess(bundle: bundle)
    let askers = Askers(bundle: bundle, peer: peer.port)
    askers.waitForAnswers(100)
    let (status, log) = try peer.end(with: SIGTERM)
    let tally = askers.end()
    #expect(status == 0)
    #expect(tally.wrong == 0 && tally.surprises.isEmpty)
    #expect(count("requests", in: log) == tally.answers + (count("unknown", in: log) ?? 0))
    #expect(count("answers", in: log) == tally.answers && count("failures", in: log) == 0)
    #expect(tally.failures.count == Askers.devices)
    #expect(tally.failures.allSatisfy { [.refused, .closed, .peer(.draining)].contains($0) }, "\(tally.failures)")
  }

  @Test func aPeerKilledIsATypedFailure() throws {
    let bundle = try workspace.writeBundle()
    let peer = try PeerProcess(bundle: bundle)
    let askers = Askers(bundle: bundle, peer: peer.port)
    askers.waitForAnswers(100)
    #expect(try peer.end(with: SIGKILL).status == 128 + SIGKILL)
    let tally = askers.end()
    #expect(tally.wrong == 0 && tally.surprises.isEmpty)
    #expect(tally.failures.count == Askers.devices)
    #expect(tally.failures.allSatisfy { [.refused, .closed].contains($0) }, "\(tally.failures)")
  }

  @Test func aPeerThatIsBackAnswersAgain() throws {
    let bundle = try workspace.writeBundle()
    for _ in 0..<2 {
      let peer = try PeerProcess(bundle: bundle)
      #expect(try embed(bundle, peer.flags + ["--split", "embeddings"]).place == "peer")
      #expect(try peer.end(with: SIGINT).status == 0)
    }
  }

  @Test func bundlesThatChangeAreTakenUp() throws {
    let (first, second) = (try workspace.writeBundle(), try workspace.writeOtherBundle())
    let served = try workspace.write("served.gguf", Workspace.bundle())
    let rubbish = try workspace.write("rubbish", "rubbish".utf8)
    let peer = try PeerProcess(bundle: served)
    let flags = peer.flags + ["--split", "encoder.0"]
    for (file, line, serves) in [(rubbish, "bundle not reloaded", first), (second, "bundle reloaded", second)] {
      let new = try workspace.write("new.gguf", Data(contentsOf: URL(fileURLWithPath: file)))
      #expect(rename(new, served) == 0)
      kill(peer.identifier, SIGHUP)
      try peer.waitForLog(line)
      #expect(try embed(serves, flags).place == "peer")
    }
    #expect(try peer.end(with: SIGTERM).status == 0)
  }

  @Test func aPortInUseIsRefused() throws {
    let listener = Listener { $0.drain() }
    let outcome = try Program.peer.run("serve", workspace.writeBundle(), "--listen", "127.0.0.1:\(listener.port)")
    expectRefusal(outcome, 71, naming: "--listen", "127.0.0.1:\(listener.port)", "Address already in use")
    #expect(!outcome.errors.contains("errno"))
  }

  @Test(arguments: ["0.0.0.0:0", "[::]:0"])
  func aReachableAddressIsRefused(address: String) throws {
    let outcome = try Program.peer.run("serve", workspace.writeBundle(), "--listen", address)
    expectRefusal(outcome, 64, naming: address, "--insecure")
  }

  @Test(arguments: ["", "7433", "localhost", "127.0.0.1:", "127.0.0.1:65536", "::1:7433"])
  func anAddressThatIsNoneIsRefused(address: String) throws {
    let outcome = try Program.peer.run("serve", workspace.writeBundle(), "--listen", address)
    expectRefusal(outcome, 64, naming: "--listen", "\"\(address)\" is not HOST:PORT")
  }

  @Test func badBundlesAreRefused() throws {
    let missing = try workspace.path("missing.gguf")
    expectRefusal(try Program.peer.run("serve", missing), 66, naming: missing, "No such file or directory")
    var bytes = Array(try Workspace.bundle())
    bytes[bytes.count - 200] ^= 1
    let damaged = try workspace.write("damaged.gguf", bytes)
    expectRefusal(try Program.peer.run("serve", damaged), 65, naming: damaged, "damaged")
    let short = try workspace.write("short.gguf", bytes.prefix(1000))
    expectRefusal(try Program.peer.run("serve", short), 65, naming: short)
  }

  @Test func badFlagsAreRefused() throws {
    let bundle = try workspace.writeBundle()
    for (flags, words) in [
      (["--threads", "0"], "--threads"), (["--threads", "two"], "--threads"), (["--bogus"], "--bogus"),
      (["--maximum-connections", "0"], "--maximum-connections"), (["--listen"], "--listen"),
      (["--cache", "-1"], "--cache"), (["--longest-queue", "0"], "--longest-queue"), (["--metrics", "9433"], "--metrics"),
    ] {
      let outcome = try Program.peer.run(["serve", bundle] + flags)
      #expect(outcome.status == 64 && outcome.output.isEmpty)
      #expect(outcome.errors.hasPrefix("Error: ") && outcome.errors.split(separator: "\n")[0].contains(words), "\(outcome.errors)")
    }
    expectRefusal(try Program.peer.run("serve", bundle, "--kernels", "abacus"), 64, naming: "--kernels", "abacus", "portable")
  }
}
