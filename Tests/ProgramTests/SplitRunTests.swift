import Foundation
import Testing

/// `tributary run --peer` and `tributary-peer serve` together.
@Suite struct SplitRunTests {
  let workspace = Workspace()

  @Test(arguments: ["", Workspace.text, String(repeating: "a dog run . ", count: 20)])
  func everySplitPointGivesTheLocalBits(text: String) throws {
    let bundle = try workspace.writeBundle()
    let peer = try PeerProcess(bundle: bundle)
    let local = try embed(bundle, text: text)
    for split in Workspace.splits {
      let outcome = try embed(bundle, text: text, peer.flags + ["--split", split])
      #expect(outcome.status == 0 && outcome.errors.isEmpty)
      #expect(outcome.bits != nil && outcome.bits == local.bits, "\(split)")
      #expect(outcome.place == "peer" && outcome.isDegraded == false && outcome.json["split"] as? String == split)
      #expect((outcome.bytesSent ?? 0) > 0 && (outcome.bytesReceived ?? 0) > 32 * 4)
    }
    let (status, log) = try peer.end(with: SIGTERM)
    #expect(status == 0)
    #expect(count("requests", in: log) == 3 && count("answers", in: log) == 3 && count("failures", in: log) == 0)
  }

  @Test func aPeerInFloatAnswersNearTheIntegers() throws {
    let bundle = try workspace.writeBundle()
    let peer = try PeerProcess(bundle: bundle, ["--float", Workspace.checkpoint.path])
    func embedding(_ flags: [String]) throws -> [Double] {
      let outcome = try embed(bundle, flags)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try #require(outcome.json["embedding"] as? [Double])
    }
    let local = try embedding([])
    for split in Workspace.splits {
      let remote = try embedding(peer.flags + ["--split", split])
      let product = zip(local, remote).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(product > 0.999 && remote != local, "\(split): \(product)")
    }
    let other = try Program.peer.run("serve", bundle, "--float", workspace.path("none"))
    expectRefusal(other, 66, naming: "--float", "none")
    let many = try Program.peer.run("serve", bundle, "--float", Workspace.checkpoint.path, "--float", Workspace.checkpoint.path)
    #expect(many.status == 64 && many.errors.contains("--float wants a directory for each bundle"))
  }

  @Test func theTextReportSaysWhereItRan() throws {
    let bundle = try workspace.writeBundle()
    let labels = try workspace.write("labels.txt", "the mat\na dog\n".utf8)
    let peer = try PeerProcess(bundle: bundle)
    let outcome = try Program.device.run(
      ["run", bundle, "--text", "a dog", "--labels", labels, "--split", "encoder.0", "--fallback"] + peer.flags)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("ms, peer, ") && outcome.output.contains(" bytes sent (the inputs as they came: 13), "))
    #expect(outcome.output.hasPrefix("  1.0000  a dog\n") && !outcome.output.contains("degraded"))
  }
}
