import Foundation
import TestSupport
import Testing

/// Twenty rows of digits with random greys.
private func digits() -> String {
  var generator = SeededGenerator(seed: 4)
  return (0..<40).map { row in
    (0..<64).map { _ in "\(Int.random(in: 0...16, using: &generator))" }.joined(separator: ",") + ",\(row % 10)\n"
  }.joined()
}

private let experiments = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../tools/experiments/").path

/// From samples to a teacher, a student, a bundle and an answer, with the commands that the README names and fewer steps.
@Test func aStudentOfATeacherRunsOnTheDevice() throws {
  let directory = try TemporaryDirectory()
  let (set, bundle) = (directory.path + "/digits", directory.path + "/digits.gguf")
  func train(_ arguments: String...) throws -> Program.Outcome {
    let outcome = try Program.trainer.run(arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome
  }
  _ = try train("dataset", "digits", "--digits", try directory.write("digits.csv", digits().utf8), "--out", set)
  func pretrain(_ name: String, _ stage: String, steps: Int) throws -> Program.Outcome {
    try train(
      "pretrain", experiments + "/digits-\(name).toml", "--out", "\(directory.path)/\(name)", "--threads", "1", "--set",
      "data.directory=\(set)", "--set", "stages.\(stage).steps=\(steps)", "--set", "stages.\(stage).batch=8", "--set",
      "run.evaluation_samples=8")
  }
  let taught = try pretrain("teacher", "joint", steps: 4)
  #expect(taught.output.contains("\(directory.path)/teacher/model"))
  let student = try train(
    "pretrain", experiments + "/digits-student.toml", "--out", "\(directory.path)/student", "--threads", "1", "--set",
    "data.directory=\(set)", "--set", "teacher.model=\(directory.path)/teacher/model", "--set", "stages.distil.steps=4", "--set",
    "stages.distil.batch=8")
  #expect(student.errors.contains("distil: 4 steps"))
  // Again: it is there already.
  #expect(try pretrain("teacher", "joint", steps: 4).errors.contains("goes on after step 4 of 4"))

  let evaluation = try train("evaluate", "\(directory.path)/student/model", "--data", set, "--threads", "1", "--json")
  let lines = try #require((evaluation.json["renderings"] as? [String: Any])?["measures"] as? [[String: Any]])
  let subjects = Set(lines.compactMap { $0["subject"] as? String })
  #expect(subjects.isSuperset(of: ["image → text", "sound", "image+sound+text", "local image", "image+text, text damaged"]))

  _ = try train("import", "--from", "\(directory.path)/student/model", "--calibrate", set + "/train-000000.tar", "--out", bundle)
  let answer = try Program.device.run("run", bundle, "--text", "seven", "--json")
  #expect(answer.status == 0, "\(answer.errors)")
  #expect((answer.json["labels"] as? [Any])?.count == 10)
  let activated = try Program.device.run("run", bundle, "--text", "seven", "--activate", "--json")
  #expect(activated.status == 0, "\(activated.errors)")
}

@Test func experimentsThatCannotBeAreRefused() throws {
  let directory = try TemporaryDirectory()
  func refused(_ text: String, _ code: Int32, _ words: String...) throws {
    let file = try directory.write("experiment.toml", text.utf8)
    let outcome = try Program.trainer.run("pretrain", file, "--out", directory.path + "/out")
    #expect(outcome.status == code, "\(outcome)")
    for word in words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
    #expect(!FileManager.default.fileExists(atPath: directory.path + "/out"))
  }
  try refused("[data", 65, "experiment.toml", "line 1")
  try refused("[data]\ndirectory = 7\n", 65, "data.directory")
  try refused("[data]\ndirectory = \"none\"\n[model]\nembedding = 8\n[stages.one]\nsteps = 1\n", 65, "stages.one.batch")
  let stage = "[stages.one]\nsteps = 1\nbatch = 2\nrate = 1e-3\n[stages.one.tasks]\nclassification = 1\n"
  try refused("[data]\ndirectory = \"none\"\n[model]\nembedding = 8\n" + stage, 66, "none/dataset.json")
  let missing = try Program.trainer.run("pretrain", directory.path + "/no.toml", "--out", directory.path + "/out")
  #expect(missing.status == 66 && missing.errors.contains("no.toml"))
}
