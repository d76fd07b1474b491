import Foundation
import TestSupport
import Testing

@Suite struct ExportTests {
  private let workspace = Workspace()

  @Test func aBundleBecomesAFileOfONNX() throws {
    let (bundle, path) = (try workspace.writeBundle(), try workspace.path("model.onnx"))
    let outcome = try Program.trainer.run("export", bundle, "--onnx", path, "--json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    #expect(outcome.json["bytes"] as? Int == size && outcome.json["model"] as? String == "tiny")
    let only = try Program.trainer.run("export", bundle, "--onnx", path, "--only", "text")
    #expect(only.status == 0 && only.output == "wrote \(path): tiny, \(size ?? 0) bytes\n")
    expectRefusal(try Program.trainer.run("export", bundle, "--onnx", path, "--only", "sound"), 65, naming: "takes no sound, only text")
  }

  @Test func whatCannotBeReadOrWrittenIsNamed() throws {
    let bundle = try workspace.writeBundle()
    let missing = try workspace.path("missing.gguf")
    expectRefusal(try Program.trainer.run("export", missing, "--onnx", missing + ".onnx"), 66, naming: "missing.gguf")
    expectRefusal(try Program.trainer.run("export", bundle, "--onnx", missing + "/model.onnx"), 73, naming: "--onnx", "missing.gguf")
    let damaged = try workspace.write("damaged.gguf", try Workspace.bundle().dropLast())
    expectRefusal(try Program.trainer.run("export", damaged, "--onnx", missing), 65, naming: "damaged.gguf")
    let out = try workspace.path("out")
    expectRefusal(try Program.trainer.run("export", Workspace.checkpoint.path, "--hugging-face", out), 65, naming: "model_type")
    #expect(!FileManager.default.fileExists(atPath: out))
  }

  @Test(arguments: [
    ["model"], ["model", "--onnx", "a", "--hugging-face", "b"], ["model", "--hugging-face", "b", "--only", "text"],
    ["model", "--onnx", "a", "--part", "text"], ["model", "--onnx", "a", "--only", "text,taste"],
  ]) func contradictionsAreRefused(arguments: [String]) throws {
    #expect(try Program.trainer.run(["export"] + arguments).status == 64)
  }
}
