import Foundation
import TestSupport

/// A folder of one test's own, with a tiny model in it, and the programs run on that. It goes with its last user.
struct Workspace {
  let directory = Result { try TemporaryDirectory() }

  /// The Hugging Face directory that the tests of the import use too.
  static let checkpoint = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../ModelsTests/Golden/tiny-bert").standardizedFileURL

  static let calibration = "the cat sat on the mat .\na dog run on the mat\nthe dog sat , a cat run .\n"
  static let splits = ["embeddings", "encoder.0", "encoder.1"]
  static let text = "a dog sat on the cat ."

  /// Two bundles of the same model under two names, so that their hashes differ.
  private static let bundles = Result { (try imported(name: "tiny"), try imported(name: "other")) }

  private static func imported(name: String) throws -> Data {
    let directory = try TemporaryDirectory()
    let texts = try directory.write("texts.txt", calibration.utf8)
    let path = directory.path + "/bundle.gguf"
    let outcome = try Program.trainer.run(
      "import", "--from", checkpoint.path, "--calibrate", texts, "--out", path, "--name", name)
    guard outcome.status == 0 else { throw CocoaError(.fileReadCorruptFile, userInfo: [NSDebugDescriptionErrorKey: outcome.errors]) }
    return try Data(contentsOf: URL(fileURLWithPath: path))
  }

  /// The bytes of the model's bundle.
  static func bundle() throws -> Data { try bundles.get().0 }

  func path(_ name: String) throws -> String { try directory.get().path + "/" + name }

  @discardableResult
  func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String { try directory.get().write(name, bytes) }

  /// The names of the files here, sorted.
  func files() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: directory.get().path).sorted() }

  /// The path of a fresh copy of the bundle.
  func writeBundle() throws -> String { try write("tiny.gguf", Self.bundle()) }

  /// The path of a bundle with another hash.
  func writeOtherBundle() throws -> String { try write("other.gguf", Self.bundles.get().1) }
}

/// `tributary run` on a bundle and a text, as JSON.
func embed(_ bundle: String, text: String = Workspace.text, _ flags: [String] = []) throws -> Program.Outcome {
  try Program.device.run(["run", bundle, "--text", text, "--json"] + flags)
}

extension Program.Outcome {
  var bits: String? { json["embedding_bits"] as? String }
  var place: String? { json["where"] as? String }
  var isDegraded: Bool? { json["degraded"] as? Bool }
  var bytesSent: Int? { json["bytes_sent"] as? Int }
  var bytesReceived: Int? { json["bytes_received"] as? Int }
}
