import Foundation
import Testing

/// `tributary run --stream`: a request a line, an answer a line.
@Suite struct StreamTests {
  let workspace = Workspace()

  /// The answers to those lines.
  private func answers(_ bundle: String, to lines: [String], _ flags: [String] = []) throws -> [[String: Any]] {
    let input = try workspace.write("requests", lines.joined(separator: "\n").utf8)
    let command = ([Program.device.path, "run", bundle, "--stream"] + flags).map { "'\($0)'" }.joined(separator: " ")
    let outcome = try Program.shell.run(["-c", "exec \(command) < '\(input)'"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome.output.split(separator: "\n").map { line in
      (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any] ?? [:]
    }
  }

  @Test func everyLineHasItsAnswer() throws {
    let bundle = try workspace.writeBundle()
    let lines = [
      #"{"id": 1, "text": "a dog"}"#, "", #"{"id": "two", "text": "\#(Workspace.text)"}"#, #"{"id": 3, "tex": "a"}"#, "nothing",
      #"{"id": 4, "text": 5}"#, #"{"id": 5, "image": "none.jpg"}"#, #"{"id": 6}"#, #"["text"]"#, #"{"id": 7, "text": "a", "deadline": 0}"#,
      #"{"text": "a dog"}"#,
    ]
    let found = try answers(bundle, to: lines)
    #expect(found.map { $0["code"] as? Int } == [nil, nil, 64, 65, 64, 66, 64, 64, 64, nil])
    #expect(found.map { $0["id"] as? Int } == [1, nil, 3, nil, 4, 5, 6, nil, 7, nil] && found[1]["id"] as? String == "two")
    #expect(found[0]["embedding_bits"] as? String == found[9]["embedding_bits"] as? String)
    #expect(try found[1]["embedding_bits"] as? String == embed(bundle).bits)
    for (index, word) in [(2, "tex"), (3, "byte 0"), (4, "text"), (5, "none.jpg"), (6, "text"), (7, "object"), (8, "deadline")] {
      #expect((found[index]["error"] as? String)?.contains(word) == true, "\(found[index])")
    }
  }

  @Test func whatThePeerHasSeenIsNotSentAgain() throws {
    let bundle = try workspace.writeBundle()
    let peer = try PeerProcess(bundle: bundle)
    let line = #"{"text": "\#(Workspace.text)"}"#
    let local = try embed(bundle)
    let found = try answers(bundle, to: [line, line, line], ["--split", "embeddings"] + peer.flags)
    #expect(found.count == 3)
    for answer in found { #expect(answer["embedding_bits"] as? String == local.bits && answer["where"] as? String == "peer") }
  }

  @Test func aPlannedRequestGivesTheSameBitsWherever() throws {
    let bundle = try workspace.writeBundle()
    let peer = try PeerProcess(bundle: bundle)
    let local = try embed(bundle)
    for flags in [[], ["--objective", "bytes"]] {
      let outcome = try embed(bundle, peer.flags + flags)
      #expect(outcome.status == 0 && outcome.bits == local.bits, "\(outcome.errors)")
      #expect((outcome.json["reason"] as? String)?.isEmpty == false)
    }
    expectRefusal(try embed(bundle, peer.flags + ["--split", "input", "--objective", "bytes"]), 64, naming: "--objective", "--split")
    expectRefusal(try embed(bundle, peer.flags + ["--objective", "energy"]), 64, naming: "--profile")
  }

  @Test func rawInputsGiveTheLocalBits() throws {
    let bundle = try workspace.writeBundle()
    let peer = try PeerProcess(bundle: bundle)
    let outcome = try embed(bundle, peer.flags + ["--split", "input"])
    #expect(try outcome.bits == embed(bundle).bits && outcome.json["raw_bytes"] as? Int == outcome.bytesOfText)
  }
}

extension Program.Outcome {
  /// What the text of the workspace takes as it is, with the item's head.
  fileprivate var bytesOfText: Int { Workspace.text.utf8.count + 8 }
}
