import Foundation
import TestSupport
import Testing

/// Wrong command lines and bad files for the device's program.
@Suite struct BadRunTests {
  let workspace = Workspace()

  @Test func wrongCommandLinesAreRefused() throws {
    let bundle = try workspace.writeBundle()
    for (words, naming) in [
      (["walk"], "'walk'"), (["run"], "BUNDLE"), (["run", bundle], "--text"), (["run", bundle, "--text"], "--text"),
      (["run", bundle, "--text", "a", "cat"], "'cat'"), (["run", bundle, "--txt", "a"], "'--txt'"),
      (["run", bundle, "--text", "a", "--json=yes"], "'--json=yes'"), (["run", bundle, "--text", "a", "--threads", "two"], "--threads"),
      (["run", bundle, "--text", "a", "--threads", "0"], "--threads"), (["run", bundle, "--text", "a", "--threads", "65"], "--threads"),
      (["run", bundle, "--text", "a", "--threads="], "--threads"), (["run", bundle, "--text", "a", "--kernels", "abacus"], "abacus"),
      (["run", bundle, "--text", "a", "--split", "encoder.0"], "--peer"), (["run", bundle, "--text", "a", "--fallback"], "--peer"),
      (["info", bundle, "--text"], "'--text'"), (["bench", bundle, "--sequence", "1,,2"], "--sequence"),
      (["bench", bundle, "--runs", "-5"], "--runs"),
    ] {
      expectRefusal(try Program.device.run(words), 64, naming: naming)
    }
  }

  @Test func wrongSplitFlagsAreRefused() throws {
    let bundle = try workspace.writeBundle()
    for (flags, naming) in [
      (["--peer", "127.0.0.1:1", "--split", "encoder.9"], "choose one of input, embeddings, encoder.0, encoder.1"),
      (["--peer", "127.0.0.1:1", "--split", ""], "choose one of input, embeddings, encoder.0, encoder.1"),
      (["--peer", "nonsense", "--split", "encoder.0"], "'nonsense' is no address"),
      (["--peer", "127.0.0.1:1", "--split", "encoder.0", "--split", "encoder.1"], "--split is given twice"),
      (["--peer", "127.0.0.1:0", "--split", "encoder.0"], "'127.0.0.1:0' is no address"),
      (["--peer", "127.0.0.1:65536", "--split", "encoder.0"], "'127.0.0.1:65536' is no address"),
      (["--peer", "127.0.0.1:1", "--split", "encoder.0", "--deadline", "soon"], "--deadline"),
      (["--peer", "127.0.0.1:1", "--split", "encoder.0", "--deadline", "-1"], "--deadline"),
      (["--peer", "127.0.0.1:1", "--split", "encoder.0", "--deadline", "0"], "--deadline"),
      (["--peer", "127.0.0.1:1", "--split", "encoder.0", "--deadline", "."], "--deadline"),
      (["--peer", "127.0.0.1:1", "--split", "encoder.0", "--deadline", "3601"], "--deadline"),
      (["--peer", "127.0.0.1:1", "--split", "encoder.0", "--deadline", "1.5.2"], "--deadline"),
    ] {
      expectRefusal(try embed(bundle, flags), 64, naming: naming)
    }
  }

  @Test func filesThatCannotBeReadAreRefused() throws {
    let bundle = try workspace.writeBundle()
    let missing = try workspace.path("missing")
    for command in ["info", "bench"] {
      expectRefusal(try Program.device.run(command, missing), 66, naming: missing, "No such file or directory")
    }
    expectRefusal(try embed(missing), 66, naming: missing, "No such file or directory")
    expectRefusal(try embed(workspace.path("")), 66, naming: "Is a directory")
    expectRefusal(try embed(bundle, ["--labels", missing]), 66, naming: missing, "No such file or directory")
    expectRefusal(try embed(bundle, ["--labels", workspace.path("")]), 66, naming: "Is a directory")
  }

  @Test(arguments: ["", "\n\r\n  \t\n"])
  func aLabelsFileWithoutLabelsIsRefused(text: String) throws {
    let labels = try workspace.write("labels.txt", text.utf8)
    expectRefusal(try embed(workspace.writeBundle(), ["--labels", labels]), 65, naming: labels, "no text")
  }

  @Test func labelsTooLargeAreRefused() throws {
    let labels = try workspace.write("labels.txt", repeatElement(UInt8(ascii: "a"), count: 1 << 20 + 1))
    expectRefusal(try embed(workspace.writeBundle(), ["--labels", labels]), 65, naming: labels, "1048576")
  }

  /// Bytes of any kind are a text; invalid UTF-8 counts as characters that the vocabulary lacks.
  @Test func everyTextHasAnAnswer() throws {
    let bundle = try workspace.writeBundle()
    let texts = [" \t ", "\u{1}\u{1F}\"\\", "é 中 e\u{301}", "[CLS] [MASK]", String(repeating: "cat", count: 40_000)]
    for text in texts {
      let outcome = try embed(bundle, text: text)
      #expect(outcome.status == 0 && outcome.errors.isEmpty && outcome.bits?.count == 8 * 32)
      #expect(outcome.json["text"] as? String == text)
    }
    let invalid = try workspace.write("labels.txt", [0xFF, 0xC0, 0x80, 0x0A, 0xED, 0xA0, 0x80, 0x0A])
    let outcome = try embed(bundle, ["--labels", invalid])
    #expect(outcome.status == 0 && (outcome.json["labels"] as? [Any])?.count == 2)
  }

  /// Only a shell can pass bytes that are no text; what it prints must be valid JSON all the same.
  @Test func aTextOfInvalidUTF8HasAnAnswer() throws {
    let bundle = try workspace.writeBundle()
    let command = #""$1" run "$2" --text "$(printf 'cat \377\300 \355\240\200')" --json > "$3""#
    let output = try workspace.path("output.json")
    #expect(try Program.shell.run("-c", command, "sh", Program.device.path, bundle, output).status == 0)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: output))
    let json = try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
    #expect((json?["text"] as? String)?.hasPrefix("cat \u{FFFD}") == true)
  }

  @Test func damagedBundlesAreRefused() throws {
    let sound = Array(try Workspace.bundle())
    var generator = SeededGenerator(seed: 7)
    let places = Array(0..<24) + (0..<60).map { $0 * sound.count / 60 }
    for place in Set(places).sorted() {
      var bytes = sound
      bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      let path = try workspace.write("damaged.gguf", bytes)
      expectRefusal(try Program.device.run("info", path), 65, naming: path)
    }
    let path = try workspace.write("damaged.gguf", sound.dropLast(1) + [sound[sound.count - 1] ^ 1])
    expectRefusal(try embed(path), 65, naming: path, "damaged")
  }

  @Test func shortenedAndLengthenedBundlesAreRefused() throws {
    let sound = Array(try Workspace.bundle())
    for count in [0, 1, 4, 24, 100, 4095, 4096] + (1...16).map({ sound.count * $0 / 16 - 1 }) {
      let path = try workspace.write("short.gguf", sound.prefix(count))
      expectRefusal(try Program.device.run("info", path), 65, naming: path)
    }
    let long = try workspace.write("long.gguf", sound + [0])
    expectRefusal(try Program.device.run("info", long), 65, naming: long)
  }
}
