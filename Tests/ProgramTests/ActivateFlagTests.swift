import Foundation
import Testing

/// `tributary run --activate`, on the tiny CLIP of the import's tests.
@Suite struct ActivateFlagTests {
  private let workspace = Workspace()

  private static let checkpoint = Workspace.checkpoint.deletingLastPathComponent().appendingPathComponent("clip").path

  /// A bundle with that temperature, and a request of a text and a raw frame.
  private func request(temperature: String) throws -> [String] {
    let texts = try workspace.write("texts.txt", "a cat\ncat a\nat a cat\n".utf8)
    let pixels = try workspace.write("pixels.safetensors", Self.pixels(examples: 4))
    let bundle = try workspace.path("clip.gguf")
    let outcome = try Program.trainer.run(
      "import", "--from", Self.checkpoint, "--calibrate", texts, "--calibrate", pixels, "--out", bundle, "--temperature", temperature)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let frame = try workspace.write("frame.raw", (0..<24 * 16 * 3).map { UInt8(truncatingIfNeeded: $0 * 7) })
    let labels = try workspace.write("labels.txt", "a cat\nat\n".utf8)
    return ["run", bundle, "--text", "a cat", "--image", frame, "--frame", "24x16", "--labels", labels, "--activate"]
  }

  /// Tensors for the input `pixels`, in the form of safetensors.
  private static func pixels(examples: Int) -> [UInt8] {
    let count = 16 * 16 * 3
    let entries = (0..<examples).map { number in
      "\"pixels.\(number)\":{\"dtype\":\"F32\",\"shape\":[1,16,16,3],\"data_offsets\":[\(4 * count * number),\(4 * count * (number + 1))]}"
    }
    let header = Array("{\(entries.joined(separator: ","))}".utf8)
    var bytes = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header
    for place in 0..<count * examples {
      let bits = (Float(place * 7919 % 2003) / 1001.5 - 1).bitPattern
      for byte in 0..<UInt32(4) { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * byte))) }
    }
    return bytes
  }

  private func modalities(_ outcome: Program.Outcome) -> [String: String] {
    let activation = outcome.json["activation"] as? [String: Any]
    let entries = activation?["modalities"] as? [[String: Any]] ?? []
    return Dictionary(
      uniqueKeysWithValues: entries.map { ($0["modality"] as? String ?? "", "\($0["where"] as? String ?? "-") \($0["why"] ?? "")") })
  }

  @Test func theReportTellsWhatRanAndWhy() throws {
    let sure = try request(temperature: "0.0001")
    let json = try Program.device.run(sure + ["--json"])
    #expect(modalities(json) == ["text": "local the cheapest", "image": "- confident enough: 1.00"])
    #expect(json.json["modalities"] as? [String] == ["text"] && json.json["label"] as? String == "a cat")
    let text = try Program.device.run(sure)
    #expect(text.output.contains("text   ran (local): the cheapest\nimage  did not run: confident enough: 1.00\n"))
    let all = try Program.device.run(sure + ["--json", "--confidence", "1", "--only", "image"])
    #expect(modalities(all) == ["text": "- excluded by --only", "image": "local the cheapest"])
  }

  @Test func anUnsureAnswerAsksForMore() throws {
    let unsure = try request(temperature: "10")
    let json = try Program.device.run(unsure + ["--json"])
    #expect(modalities(json)["image"]?.hasPrefix("local not confident enough: 0.5") == true)
    let info = try Program.device.run("info", workspace.path("clip.gguf"))
    #expect(info.output.contains("confidence  softmax at temperature 10.000000\n"))
    let ample = try Program.device.run(unsure + ["--json", "--budget", "3600"])
    #expect(modalities(ample) == modalities(json) && ample.bits == json.bits)
  }

  @Test func wrongFlagsAreRefused() throws {
    let bundle = try workspace.writeBundle()
    for (flags, naming) in [
      (["--confidence", "0.5"], "--activate"), (["--budget", "1"], "--activate"), (["--only", "text"], "--activate"),
      (["--activate", "--confidence", "1.001"], "--confidence"), (["--activate", "--confidence", "high"], "--confidence"),
      (["--activate", "--budget", "0"], "--budget"), (["--activate", "--only", "text,,image"], "text,,image"),
      (["--activate", "--only", "audio"], "audio"), (["--activate", "--only", "image"], "give image"),
      (["--activate", "--peer", "127.0.0.1:1", "--split", "encoder.0"], "--peer"),
    ] {
      expectRefusal(try embed(bundle, flags), 64, naming: naming)
    }
    let texts = try workspace.write("texts.txt", "a cat".utf8)
    let outcome = try Program.trainer.run(
      "import", "--from", Workspace.checkpoint.path, "--calibrate", texts, "--out", workspace.path("x.gguf"), "--temperature", "0")
    #expect(outcome.status == 64 && outcome.errors.contains("--temperature"))
  }
}
