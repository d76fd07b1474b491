import Autograd
import Foundation
import ModelEvaluation
import TestSupport
import Testing

private let model = """
  [model]
  embedding = 32
  [model.image]
  encoder = "vit"
  size = 8
  patch = 4
  hidden = 32
  layers = 1
  heads = 2
  [model.text]
  encoder = "bert"
  tokenizer = "SET"
  longest = 8
  hidden = 32
  layers = 1
  heads = 2
  [model.fusion]
  width = 32
  layers = 1
  heads = 2
  """

private func experiment(_ model: String, _ set: String, _ more: String) -> String {
  """
  [data]
  directory = "SET"
  [run]
  evaluation_samples = 4
  \(model)
  [stages.last]
  steps = 3
  batch = 4
  rate = 1e-3
  \(more)
  [stages.last.tasks]
  image-text = 1
  classification = 1
  """.replacingOccurrences(of: "SET", with: set)
}

/// Trained, made narrower, trained again with rounding, and quantised: a device gives the bits that the trainer's evaluation looks at.
@Test func aNarrowRoundedModelHasTheBitsThatTheTrainerSees() throws {
  let directory = try TemporaryDirectory()
  let set = directory.path + "/set"
  let digits = (0..<20).map { row in (0..<64).map { "\((row * 7 + $0 * $0) % 17)," }.joined() + "\(row % 10)\n" }.joined()
  func train(_ arguments: String...) throws -> Program.Outcome {
    let outcome = try Program.trainer.run(arguments)
    #expect(outcome.status == 0, "\(arguments[0]): \(outcome.errors)")
    return outcome
  }
  _ = try train("dataset", "digits", "--digits", directory.write("digits.csv", digits.utf8), "--out", set)
  let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "one", "two", "three"]
  try directory.write("set/vocab.txt", words.joined(separator: "\n").utf8)
  let (wide, narrow, again) = (directory.path + "/wide", directory.path + "/narrow", directory.path + "/again")
  _ = try train("pretrain", directory.write("wide.toml", experiment(model, set, "").utf8), "--out", wide, "--threads", "1")
  let pruned = try train(
    "prune", wide + "/model", "--data", set, "--keep", "image=0.5,text=0.5", "--out", narrow, "--batches", "2", "--batch", "4", "--json")
  for count in ["parameters", "multiply_accumulates"] {
    let (before, after) = (pruned.json[count + "_before"] as? Int ?? 0, pruned.json[count] as? Int ?? 0)
    #expect(0 < after && after < before, "\(count): \(before) → \(after)")
  }
  let last = experiment("[model]\nfrom = \"\(narrow)\"", set, "quantization = \"aware\"")
  _ = try train("pretrain", directory.write("again.toml", last.utf8), "--out", again, "--threads", "1")
  let bundle = directory.path + "/model.gguf"
  _ = try train("import", "--from", again + "/model", "--calibrate", set + "/train-000000.tar", "--out", bundle)

  let answers = try BundleAnswers(path: bundle, threads: 1)
  let seen = try answers([Example(tokens: [2, 6, 5, 3])])[0]
  let outcome = try Program.device.run("run", bundle, "--text", "two one", "--json")
  #expect(outcome.status == 0, "\(outcome.errors)")
  let bits = try #require(seen["text-embedding"]).map { value in
    let digits = String(value.bitPattern, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
  #expect(outcome.bits == bits.joined())
}
