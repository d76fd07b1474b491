import Foundation
import Testing

/// Every way in which a peer can be of no use ends in exit code 69 and one line, or with `--fallback` in the local answer.
@Suite struct FaultTests {
  let workspace = Workspace()

  private static let deadline = 0.3

  /// Asks a useless peer, without and with a fallback. Both must be over soon after the deadline.
  private func expectFailure(_ flags: [String], saying words: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let bundle = try workspace.writeBundle()
    let asking = flags + ["--split", "encoder.0", "--deadline", "\(Self.deadline)"]
    let start = ContinuousClock.now
    let refusal = try embed(bundle, asking)
    let middle = ContinuousClock.now
    let answer = try embed(bundle, asking + ["--fallback"])
    let end = ContinuousClock.now
    expectRefusal(refusal, 69, naming: "tributary: peer 127.0.0.1:", words, sourceLocation: sourceLocation)
    #expect(answer.status == 0 && answer.errors.isEmpty, sourceLocation: sourceLocation)
    #expect(answer.place == "local-fallback" && answer.isDegraded == true, sourceLocation: sourceLocation)
    #expect((answer.json["failure"] as? String)?.contains(words) == true, "\(answer.output)", sourceLocation: sourceLocation)
    #expect(try answer.bits != nil && answer.bits == embed(bundle).bits, sourceLocation: sourceLocation)
    let limit = Duration.seconds(Self.deadline + 1.5)
    #expect(middle - start < limit && end - middle < limit, sourceLocation: sourceLocation)
  }

  @Test func noPeer() throws {
    try expectFailure(["--peer", "127.0.0.1:\(Listener.closedPort())"], saying: "the peer refused the connection")
  }

  @Test func aPeerThatNeverAnswers() throws {
    let listener = Listener { $0.drain() }
    try expectFailure(listener.flags, saying: "did not answer within the deadline")
  }

  @Test func aPeerThatDripsItsAnswer() throws {
    let peer = try PeerProcess(bundle: workspace.writeBundle())
    let relay = Listener(relayingTo: peer.port, dripping: true)
    try expectFailure(relay.flags, saying: "did not answer within the deadline")
  }

  @Test(arguments: [0, 1, 39, 40, 60])
  func aPeerThatHangsUpAfterSomeBytes(count: Int) throws {
    let listener = Listener { connection in
      var rest = count
      while rest > 0 {
        let bytes = connection.receive(atMost: rest)
        if bytes.isEmpty { return }
        rest -= bytes.count
      }
    }
    try expectFailure(listener.flags, saying: "the peer closed the connection")
  }

  @Test func garbage() throws {
    let page = Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
    for bytes in [page, [UInt8](repeating: 0, count: 4096), [UInt8](repeating: 0xFF, count: 4096)] {
      let listener = Listener { connection in
        connection.send(bytes)
        connection.drain()
      }
      try expectFailure(listener.flags, saying: "the peer's bytes cannot be read")
    }
  }

  @Test func aConnectionCutAnywhere() throws {
    let bundle = try workspace.writeBundle()
    let peer = try PeerProcess(bundle: bundle)
    let whole = try embed(bundle, peer.flags + ["--split", "encoder.0"])
    let (sent, received) = (try #require(whole.bytesSent), try #require(whole.bytesReceived))
    for count in stride(from: 0, to: sent, by: max(1, sent / 6)) {
      let relay = Listener(relayingTo: peer.port, up: count)
      try expectFailure(relay.flags, saying: "the peer closed the connection")
    }
    for count in [0, 1, 39, 40, received / 2, received - 1] {
      let relay = Listener(relayingTo: peer.port, down: count)
      try expectFailure(relay.flags, saying: "the peer closed the connection")
    }
    let relay = Listener(relayingTo: peer.port)
    #expect(try embed(bundle, relay.flags + ["--split", "encoder.0"]).bits == whole.bits)
    #expect(try peer.end(with: SIGTERM).status == 0)
  }

  @Test func aPeerWithAnotherBundle() throws {
    let other = try workspace.writeOtherBundle()
    let peer = try PeerProcess(bundle: other)
    let hashes = try [workspace.writeBundle(), other].map { path in
      try #require(Program.device.run("info", path, "--json").json["hash"] as? String).prefix(12)
    }
    try expectFailure(
      peer.flags, saying: "incompatible: this device holds bundle \(hashes[0])… and the peer holds \(hashes[1])…")
  }

  @Test func aPeerKilledBeforeItAnswers() throws {
    let bundle = try workspace.writeBundle()
    for fallback in [[], ["--fallback"]] {
      let peer = try PeerProcess(bundle: bundle)
      let identifier = peer.identifier
      let relay = Listener(relayingTo: peer.port) { if $0 > 0 { kill(identifier, SIGKILL) } }
      let outcome = try embed(bundle, relay.flags + ["--split", "encoder.0"] + fallback)
      if fallback.isEmpty {
        expectRefusal(outcome, 69, naming: "the peer closed the connection before it answered")
      } else {
        #expect(outcome.status == 0 && outcome.place == "local-fallback" && outcome.isDegraded == true)
      }
    }
  }
}
