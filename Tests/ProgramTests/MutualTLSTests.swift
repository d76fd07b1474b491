import Foundation
import TestSupport
import Testing

/// `tributary run` and `tributary-peer serve` over TLS, as whole programs.
@Suite struct MutualTLSTests {
  let workspace = Workspace()
  let certificates = Result { try Certificates() }

  private static let split = ["--split", "encoder.0", "--deadline", "20"]

  private func peer(_ flags: [String]? = nil) throws -> PeerProcess {
    try PeerProcess(bundle: workspace.writeBundle(), flags ?? certificates.get().peerFlags)
  }

  /// Expects a device with those flags to get no answer from a peer, and without it the local one.
  private func expectNoAnswer(
    _ peer: PeerProcess, _ flags: [String], saying words: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let bundle = try workspace.writeBundle()
    let asking = peer.flags + Self.split + flags
    expectRefusal(try embed(bundle, asking), 69, naming: "tributary: peer 127.0.0.1:", words, sourceLocation: sourceLocation)
    let answer = try embed(bundle, asking + ["--fallback"])
    #expect(answer.status == 0 && answer.place == "local-fallback" && answer.isDegraded == true, sourceLocation: sourceLocation)
    #expect(try answer.bits != nil && answer.bits == embed(bundle).bits, sourceLocation: sourceLocation)
  }

  @Test func itGivesThePlainBitsAndNamesTheDevice() throws {
    let bundle = try workspace.writeBundle()
    let files = try certificates.get()
    let (plain, guarded) = (try peer([]), try peer())
    for split in Workspace.splits {
      let asking = ["--split", split, "--deadline", "20"]
      let expected = try embed(bundle, plain.flags + asking)
      let outcome = try embed(bundle, guarded.flags + asking + files.deviceFlags)
      #expect(outcome.status == 0 && outcome.place == "peer" && outcome.errors.isEmpty)
      #expect(outcome.bits != nil && outcome.bits == expected.bits)
      #expect(try #require(outcome.bytesSent) > #require(expected.bytesSent) + 500)
    }
    let (status, log) = try guarded.end(with: SIGTERM)
    #expect(status == 0 && log.contains("client=porch") && count("answers", in: log) == 3)
  }

  @Test func aPeerNeedNotKnowItsDevices() throws {
    let files = try certificates.get()
    let peer = try peer(["--certificate", files.path("peer.pem"), "--key", files.path("peer.key")])
    let outcome = try embed(workspace.writeBundle(), peer.flags + Self.split + ["--ca", files.path("ca.pem")])
    #expect(outcome.status == 0 && outcome.place == "peer")
  }

  @Test func aDeviceWithoutACertificateIsRefused() throws {
    try expectNoAnswer(peer(), ["--ca", certificates.get().path("ca.pem")], saying: "the peer wants to know this device")
  }

  @Test func anotherAuthorityIsRefusedByBoth() throws {
    let (files, others) = (try certificates.get(), try Certificates())
    let stranger = ["--certificate", others.path("porch.pem"), "--key", others.path("porch.key")]
    let peer = try peer()
    try expectNoAnswer(peer, others.deviceFlags, saying: "was not issued by an authority in the file given with --ca")
    try expectNoAnswer(peer, ["--ca", files.path("ca.pem")] + stranger, saying: "not issued by an authority that it trusts")
  }

  @Test func whatHasExpiredIsRefusedByBoth() throws {
    let files = try certificates.get()
    try files.expire("porch")
    try expectNoAnswer(peer(), files.deviceFlags, saying: "this device's certificate has expired")
    try files.make(["--renew", "porch"])
    try files.expire("peer")
    try expectNoAnswer(peer(), files.deviceFlags, saying: "the peer's certificate has expired")
  }

  @Test func theNameMustBeInTheCertificate() throws {
    let files = try certificates.get()
    let peer = try peer()
    for name in ["river.local", "127.0.0.2", "::1", "localhost.local", "local"] {
      try expectNoAnswer(peer, files.deviceFlags + ["--server-name", name], saying: "the peer's certificate is not for '\(name)'")
    }
    let flags = peer.flags + Self.split + files.deviceFlags
    #expect(try embed(workspace.writeBundle(), flags + ["--server-name", "localhost"]).place == "peer")
  }

  @Test func aDevicesCertificateIsNoPeers() throws {
    let files = try certificates.get()
    let peer = try peer(["--certificate", files.path("porch.pem"), "--key", files.path("porch.key"), "--client-ca", files.path("ca.pem")])
    try expectNoAnswer(peer, files.deviceFlags + ["--server-name", "porch"], saying: "the peer's certificate is unsuitable")
  }

  @Test func oneSideWithoutTLSIsTold() throws {
    try expectNoAnswer(peer(), [], saying: "the peer speaks TLS; give --ca")
    try expectNoAnswer(peer([]), certificates.get().deviceFlags, saying: "the peer does not speak TLS")
  }

  @Test func badFilesOfADeviceAreRefused() throws {
    let files = try certificates.get()
    let bundle = try workspace.writeBundle()
    try files.write("empty.pem", "")
    try files.make(["--device", "cellar"])
    let (ca, porch, key) = (files.path("ca.pem"), files.path("porch.pem"), files.path("porch.key"))
    for (flags, status, words) in [
      (["--ca", files.path("none.pem")], Int32(66), "No such file"), (["--ca", files.path("empty.pem")], 65, "holds no certificate"),
      (["--ca", key], 65, "holds no certificate"), (["--ca", ca, "--certificate", key, "--key", key], 65, "holds no certificate"),
      (["--ca", ca, "--certificate", porch, "--key", porch], 65, "holds no private key"),
      (["--ca", ca, "--certificate", porch, "--key", files.path("cellar.key")], 65, "is not the key of the certificate in \(porch)"),
      (["--ca", ca, "--certificate", porch], 64, "--key is missing"), (["--ca", ca, "--key", key], 64, "--certificate is missing"),
      (["--server-name", "localhost"], 64, "--ca is missing"),
    ] {
      expectRefusal(try embed(bundle, ["--peer", "127.0.0.1:1"] + Self.split + flags), status, naming: words)
    }
    expectRefusal(try embed(bundle, ["--ca", ca]), 64, naming: "--peer is missing")
    #expect(try Program.device.run("info", "--json").json["tls"] as? Bool == true)
  }

  @Test func badFilesOfAPeerAreRefused() throws {
    let files = try certificates.get()
    let bundle = try workspace.writeBundle()
    let (peer, key) = (files.path("peer.pem"), files.path("peer.key"))
    let none = ["--certificate", files.path("none.pem"), "--key", key]
    expectRefusal(try Program.peer.run(["serve", bundle] + none), 66, naming: "tributary-peer: /", "No such file")
    for (flags, words) in [
      (["--certificate", key, "--key", key], "holds no certificate"), (["--certificate", peer, "--key", peer], "holds no private key"),
      (["--certificate", peer, "--key", files.path("porch.key")], "is not the key of the certificate in \(peer)"),
      (["--certificate", peer, "--key", key, "--client-ca", key], "holds no certificate"),
    ] {
      expectRefusal(try Program.peer.run(["serve", bundle, "--listen", "127.0.0.1:0"] + flags), 65, naming: "tributary-peer: /", words)
    }
    for flags in [["--certificate", peer], ["--key", key], ["--client-ca", files.path("ca.pem")], ["--client-requests", "0"]] {
      let outcome = try Program.peer.run(["serve", bundle] + flags)
      #expect(outcome.status == 64 && outcome.errors.contains("--"), "\(outcome.errors)")
    }
    let outcome = try Program.peer.run("serve", bundle, "--listen", "0.0.0.0:0", "--certificate", peer, "--key", key)
    expectRefusal(outcome, 64, naming: "--client-ca", "--insecure")
  }
}
