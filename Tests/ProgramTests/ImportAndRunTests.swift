import Foundation
import Testing

/// From a Hugging Face directory to an answer, with the programs as they are built.
@Suite struct ImportAndRunTests {
  let workspace = Workspace()

  private func importModel(_ flags: String...) throws -> Program.Outcome {
    let texts = try workspace.write("texts.txt", Workspace.calibration.utf8)
    return try Program.trainer.run(
      ["import", "--from", Workspace.checkpoint.path, "--calibrate", texts, "--out", workspace.path("new.gguf")] + flags)
  }

  @Test func importTellsWhatItWrote() throws {
    let outcome = try importModel()
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    #expect(outcome.output.contains("wrote \(try workspace.path("new.gguf")): tiny-bert, "))
    #expect(outcome.output.contains("split points: embeddings encoder.0 encoder.1"))
    #expect(try workspace.files() == ["new.gguf", "texts.txt"])
  }

  @Test func importReportsEveryOperation() throws {
    let outcome = try importModel("--report")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("encoder.1.gelu") && outcome.output.contains("output over 3 examples"))
  }

  @Test func importReportsOnWhatIsHeldOut() throws {
    let heldOut = try workspace.write("held-out.txt", "the cat\na dog sat\n".utf8)
    let outcome = try importModel("--report", "--held-out", heldOut)
    #expect(outcome.status == 0 && outcome.output.contains("output over 2 examples"))
    #expect(try importModel("--held-out", heldOut).status == 64)
    let missing = try importModel("--report", "--held-out", "missing.txt")
    #expect(missing.status == 66 && missing.errors.contains("--held-out missing.txt"))
  }

  @Test func importPrintsJSON() throws {
    let json = try importModel("--json", "--report", "--name", "a \"name\"").json
    #expect(json["name"] as? String == "a \"name\"")
    #expect(json["split_points"] as? [String] == Workspace.splits)
    #expect(json["bytes"] as? Int == (try Data(contentsOf: URL(fileURLWithPath: workspace.path("new.gguf")))).count)
    let report = try #require(json["report"] as? [String: Any])
    #expect(report["examples"] as? Int == 3)
    #expect(try #require(report["least_cosine"] as? Double) > 0.99)
  }

  @Test func importTellsWhetherTheBundleFitsTheDevice() throws {
    let profile = try workspace.write("board.toml", "[device]\ncores = 2\nmemory_mib = 64\n".utf8)
    let outcome = try importModel("--profile", profile)
    #expect(outcome.status == 0 && outcome.output.contains("of the 64.0 MiB of board"))
    let memory = try #require(try importModel("--profile", profile, "--json").json["memory"] as? [String: Int])
    #expect(memory["budget_bytes"] == 64 << 20 && (1 << 20..<64 << 20).contains(memory["needed_bytes"] ?? 0))
  }

  @Test func importsOfTheSameFilesAreTheSameBytes() throws {
    _ = try importModel("--name", "tiny")
    #expect(try Data(contentsOf: URL(fileURLWithPath: workspace.path("new.gguf"))) == Workspace.bundle())
  }

  @Test func infoSaysWhatTheBundleHolds() throws {
    let bundle = try workspace.writeBundle()
    let text = try Program.device.run("info", bundle)
    #expect(text.status == 0 && text.errors.isEmpty)
    for words in ["name        tiny\n", "WordPiece, 20 tokens\n", "calibration 3 examples\n", "sequence    up to 24\n"] {
      #expect(text.output.contains(words))
    }
    #expect(text.output.contains("profile     none") && text.output.contains("portable on this processor"))
    #expect(try (Program.device.run("info", "--json").json["kernels"] as? [String])?.last == "portable")
    #expect(!text.output.contains("encoder.1.gelu"))
    #expect(try Program.device.run("info", bundle, "--nodes").output.contains("encoder.1.gelu"))
    let json = try Program.device.run("info", bundle, "--json").json
    #expect(json["split_points"] as? [String] == Workspace.splits)
    #expect(json["bytes"] as? Int == (try Workspace.bundle()).count)
    #expect(try #require(json["hash"] as? String).count == 64)
  }

  @Test func everyThreadCountAndKernelSetGivesTheSameBits() throws {
    let bundle = try workspace.writeBundle()
    let info = try Program.device.run("info", bundle).output
    let line = try #require(info.split(separator: "\n").first { $0.hasPrefix("kernels ") })
    let kernels = line.dropFirst(12).replacingOccurrences(of: " on this processor", with: "").components(separatedBy: ", ")
    #expect(kernels.contains("portable"))
    for text in ["", "the cat", String(repeating: "a dog run . ", count: 20)] {
      let standard = try embed(bundle, text: text)
      #expect(standard.bits?.count == 8 * 32 && standard.place == "local" && standard.isDegraded == false)
      for name in kernels {
        for threads in ["1", "2", "3"] {
          #expect(try embed(bundle, text: text, ["--kernels", name, "--threads", threads]).bits == standard.bits, "\(name) \(threads)")
        }
      }
    }
  }

  @Test func anEmbeddingIsAUnitVectorAndItsBitsAreItsNumbers() throws {
    let outcome = try embed(workspace.writeBundle())
    let numbers = try #require(outcome.json["embedding"] as? [Double])
    let digits = try #require(outcome.bits)
    #expect(abs(numbers.map { $0 * $0 }.reduce(0, +) - 1) < 1e-5)
    let first = Float(bitPattern: try #require(UInt32(digits.prefix(8), radix: 16)))
    #expect(abs(Double(first) - numbers[0]) < 1e-8)
  }

  @Test func theNearestLabelIsTheTextItself() throws {
    let bundle = try workspace.writeBundle()
    let labels = try workspace.write("labels.txt", "the mat\r\n\n  the cat sat \na dog run , run".utf8)
    let json = try embed(bundle, text: "the cat sat", ["--labels", labels]).json
    #expect(json["label"] as? String == "the cat sat")
    #expect(abs(try #require(json["score"] as? Double) - 1) < 1e-5)
    #expect((json["labels"] as? [[String: Any]])?.count == 3)
    let text = try Program.device.run("run", bundle, "--text=the cat sat", "--labels=" + labels)
    #expect(text.status == 0 && text.errors.isEmpty)
    #expect(text.output.hasPrefix("  1.0000  the cat sat\n"))
    #expect(text.output.contains("5 tokens, ") && text.output.hasSuffix("local\n"))
  }

  @Test func benchMeasuresEachLength() throws {
    let bundle = try workspace.writeBundle()
    let json = try Program.device.run("bench", bundle, "--sequence", "1,24", "--runs", "10", "--json").json
    let rows = try #require(json["results"] as? [[String: Any]])
    #expect(rows.compactMap { $0["sequence"] as? Int } == [1, 24])
    #expect(rows.allSatisfy { ($0["p50_ms"] as? Double ?? 0) > 0 })
    #expect(try Program.device.run("bench", bundle, "--sequence", "24", "--runs", "10").output.contains("peak memory"))
    expectRefusal(try Program.device.run("bench", bundle, "--sequence", "25"), 65, naming: "25 positions", "1 to 24")
  }

  @Test func helpGoesToTheOutput() throws {
    for words in [["--help"], ["run", "--help"], ["info", "--help"], ["bench", "--help"], []] {
      let outcome = try Program.device.run(words)
      #expect(outcome.status == 0 && outcome.errors.isEmpty && outcome.output.contains("Usage: tributary"))
    }
  }
}
