import Foundation
import TestSupport
import Testing

/// Bad files and places for `tributary-train import`: a reason, and no bundle.
@Suite struct BadImportTests {
  let workspace = Workspace()

  private func importModel(from: String? = nil, calibrate: String? = nil, out: String? = nil, _ flags: String...) throws
    -> Program.Outcome
  {
    let texts = try calibrate ?? workspace.write("texts.txt", Workspace.calibration.utf8)
    return try Program.trainer.run(
      ["import", "--from", from ?? Workspace.checkpoint.path, "--calibrate", texts, "--out", out ?? workspace.path("new.gguf")] + flags)
  }

  @Test func missingFilesAreRefused() throws {
    let missing = try workspace.path("missing")
    expectRefusal(try importModel(from: missing), 66, naming: "--from", missing, "No such file or directory")
    expectRefusal(try importModel(calibrate: missing), 66, naming: "--calibrate", missing)
    for file in ["config.json", "model.safetensors"] {
      let directory = try TemporaryDirectory(copying: Workspace.checkpoint)
      try directory.remove(file)
      expectRefusal(try importModel(from: directory.path), 66, naming: "--from", file)
    }
    let directory = try TemporaryDirectory(copying: Workspace.checkpoint)
    try directory.remove("tokenizer.json")
    try directory.remove("vocab.txt")
    expectRefusal(try importModel(from: directory.path), 66, naming: "--from", "tokenizer.json", "vocab.txt")
    #expect(try workspace.files() == ["texts.txt"])
  }

  @Test func damagedFilesAreRefused() throws {
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
      let directory = try TemporaryDirectory(copying: Workspace.checkpoint)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: directory.path + "/" + file))
      for count in [0, 1, bytes.count / 2, bytes.count - 3] {
        try directory.write(file, bytes.prefix(count))
        expectRefusal(try importModel(from: directory.path), 65, naming: "--from", file)
      }
    }
    #expect(try workspace.files() == ["texts.txt"])
  }

  @Test func aModelOfAnotherKindIsRefused() throws {
    let directory = try TemporaryDirectory(copying: Workspace.checkpoint)
    try directory.edit("config.json", "\"model_type\": \"bert\"", "\"model_type\": \"gpt2\"")
    expectRefusal(try importModel(from: directory.path), 65, naming: "--from", "config.json", "model_type", "gpt2")
  }

  @Test(arguments: ["", "\n\r\n"])
  func aCalibrationWithoutTextIsRefused(text: String) throws {
    let texts = try workspace.write("empty.txt", text.utf8)
    expectRefusal(try importModel(calibrate: texts), 65, naming: "--calibrate", texts, "no text")
    #expect(try workspace.files() == ["empty.txt"])
  }

  @Test func aCalibrationOfAnyBytesIsTaken() throws {
    let texts = try workspace.write("bytes.txt", Array("the cat\n".utf8) + [0xFF, 0xC0, 0x0A, 0, 0x0A] + Array("a dog sat".utf8))
    #expect(try importModel(calibrate: texts).status == 0)
  }

  @Test func anOutputThatCannotBeWrittenIsRefused() throws {
    let nowhere = try workspace.path("no/such/folder.gguf")
    expectRefusal(try importModel(out: nowhere), 73, naming: "--out", nowhere, "No such file or directory")
    try FileManager.default.createDirectory(atPath: workspace.path("folder"), withIntermediateDirectories: false)
    expectRefusal(try importModel(out: workspace.path("folder")), 73, naming: "--out", "folder", "Is a directory")
    #expect(try workspace.files() == ["folder", "texts.txt"])
  }

  @Test func anEarlierBundleOutlivesAFailedImport() throws {
    let bundle = try workspace.writeBundle()
    let directory = try TemporaryDirectory(copying: Workspace.checkpoint)
    try directory.write("model.safetensors", [1, 2, 3])
    #expect(try importModel(from: directory.path, out: bundle).status == 65)
    #expect(try Data(contentsOf: URL(fileURLWithPath: bundle)) == Workspace.bundle())
    #expect(try workspace.files() == ["texts.txt", "tiny.gguf"])
  }

  /// A limit on the size of files stands for a full disk.
  @Test func anEarlierBundleOutlivesAFullDisk() throws {
    let bundle = try workspace.writeBundle()
    let texts = try workspace.write("texts.txt", Workspace.calibration.utf8)
    let limited = #"trap "" XFSZ; ulimit -f 16; exec "$0" "$@""#
    let outcome = try Program.shell.run(
      "-c", limited, Program.trainer.path, "import", "--from", Workspace.checkpoint.path, "--calibrate", texts, "--out", bundle)
    expectRefusal(outcome, 73, naming: "--out", bundle, "File too large")
    #expect(try Data(contentsOf: URL(fileURLWithPath: bundle)) == Workspace.bundle())
    #expect(try workspace.files() == ["texts.txt", "tiny.gguf"])
  }

  @Test func aBundleThatDoesNotFitTheDeviceIsNotWritten() throws {
    let profile = try workspace.write("board.toml", "[device]\ncores = 2\nmemory_mib = 3\n".utf8)
    expectRefusal(try importModel("--profile", profile), 65, naming: "--profile", "board", "3.0 MiB", "memory_mib")
    let empty = try workspace.write("empty.toml", "[link]\ngoodput_mbit_s = 3\nround_trip_ms = 1\n".utf8)
    expectRefusal(try importModel("--profile", empty), 65, naming: "--profile", empty, "memory_mib")
    expectRefusal(try importModel("--profile", workspace.path("none.toml")), 66, naming: "--profile", "none.toml")
    #expect(try workspace.files() == ["board.toml", "empty.toml", "texts.txt"])
  }

  @Test func wrongFlagsAreRefused() throws {
    for (flags, naming) in [
      ([], "--from"), (["--from", "x", "--calibrate", "y"], "--out"), (["--from"], "--from"),
      (["--from", "x", "--calibrate", "y", "--out", "z", "--maximum-tokens", "many"], "--maximum-tokens"),
      (["--from", "x", "--calibrate", "y", "--out", "z", "--maximum-tokens", "1"], "--maximum-tokens"),
      (["--from", "x", "--calibrate", "y", "--out", "z", "--name", ""], "--name"),
      (["--from", "x", "--calibrate", "y", "--out", "z", "--bogus"], "--bogus"),
    ] {
      let outcome = try Program.trainer.run(["import"] + flags)
      #expect(outcome.status == 64 && outcome.output.isEmpty)
      #expect(outcome.errors.hasPrefix("Error: ") && outcome.errors.split(separator: "\n")[0].contains(naming), "\(outcome.errors)")
    }
    expectRefusal(try importModel("--maximum-tokens", "33"), 65, naming: "maximum tokens", "33", "2...32")
  }
}
