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

  _ = try train(
    "import", "--from", "\(directory.path)/student/model", "--calibrate", set + "/train-000000.tar", "--confidence", set, "--out", bundle)
  let integers = try train("evaluate", bundle, "--data", set, "--threads", "1", "--json")
  let measures = try #require((integers.json["renderings"] as? [String: Any])?["measures"] as? [[String: Any]])
  #expect(Set(measures.compactMap { $0["subject"] as? String }).isSuperset(of: ["image+sound+text", "local image+sound+text"]))
  #expect(measures.contains { $0["measure"] as? String == "calibration error" })
  let page = directory.path + "/report.html"
  _ = try train(
    "report", "\(directory.path)/student/model", bundle, "--data", set, "--training", "\(directory.path)/student", "--out", page)
  let html = try String(contentsOfFile: page, encoding: .utf8)
  for words in ["float32", "INT8", "local image", "times smaller than the files", "student, distil", "</html>"] {
    #expect(html.contains(words), "\(words)")
  }
  let answer = try Program.device.run("run", bundle, "--text", "seven", "--json")
  #expect(answer.status == 0, "\(answer.errors)")
  #expect((answer.json["labels"] as? [Any])?.count == 10)
  try halfOfTheFeaturesCanBeSent(bundle)
  try aPeerIsAskedWhereTheLocalFusionIsUnsure(bundle)
  try theFusionCanRunInFloat(bundle, model: "\(directory.path)/student/model")
  try aSizeIsFoundThatAnswersInTime(directory.path, set: set, bundle)
  try aSetOfOtherConceptsIsRefused(directory, set: set, bundle)
  let activated = try Program.device.run("run", bundle, "--text", "seven", "--activate", "--json")
  #expect(activated.status == 0, "\(activated.errors)")
}

private func aSetOfOtherConceptsIsRefused(_ directory: TemporaryDirectory, set: String, _ bundle: String) throws {
  let json = try Data(contentsOf: URL(fileURLWithPath: set + "/dataset.json"))
  var description = try #require(JSONSerialization.jsonObject(with: json) as? [String: Any])
  description["concepts"] = Array(try #require(description["concepts"] as? [Any]).dropLast())
  let other = directory.path + "/other"
  try FileManager.default.copyItem(atPath: set, toPath: other)
  try JSONSerialization.data(withJSONObject: description).write(to: URL(fileURLWithPath: other + "/dataset.json"))
  let (student, out) = (directory.path + "/student/model", directory.path + "/refused")
  for command in [
    ["evaluate", bundle, "--data", other], ["evaluate", student, "--data", other],
    ["prune", student, "--data", other, "--keep", "text=0.75", "--out", out],
    ["import", "--from", student, "--calibrate", set + "/train-000000.tar", "--confidence", other, "--out", out],
    [
      "pretrain", experiments + "/digits-student.toml", "--out", out, "--set", "data.directory=\(other)", "--set",
      "teacher.model=\(directory.path)/teacher/model",
    ],
  ] {
    expectRefusal(try Program.trainer.run(command), 65, naming: "10 concepts", "the set has 9")
  }
  expectRefusal(try Program.trainer.run("evaluate", student, "--data", set, "--against", student), 65, naming: "--against", "held-out")
}

private func halfOfTheFeaturesCanBeSent(_ bundle: String) throws {
  let peer = try PeerProcess(bundle: bundle)
  let info = try Program.device.run("info", bundle)
  #expect(info.output.contains("rate        0.500 or all of image.rows.boundary, sound.rows.boundary, text.rows.boundary\n"))
  #expect(info.output.contains("confidence  softmax at temperature"))
  func run(_ flags: String...) throws -> Program.Outcome {
    try Program.device.run(["run", bundle, "--text", "less than five", "--json", "--split", "text.rows"] + peer.flags + flags)
  }
  let (whole, half) = (try run(), try run("--share", "0.5"))
  #expect(whole.status == 0 && half.status == 0 && half.place == "peer", "\(half.errors)")
  #expect(try #require(half.bytesSent) < #require(whole.bytesSent))
  let unknown = try run("--share", "0.3")
  #expect(unknown.status == 64 && unknown.errors.contains("--share wants one of 0.5, or 1"), "\(unknown.errors)")
}

private func aPeerIsAskedWhereTheLocalFusionIsUnsure(_ bundle: String) throws {
  let peer = try PeerProcess(bundle: bundle)
  func run(_ flags: String..., peers: [String] = peer.flags) throws -> Program.Outcome {
    let outcome = try Program.device.run(["run", bundle, "--text", "less than five", "--json", "--split", "text.rows"] + peers + flags)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome
  }
  let sure = try run("--activate", "--confidence", "0")
  #expect(sure.place == "local-fusion" && sure.bytesSent == 0)
  let (unsure, plain) = (try run("--activate", "--confidence", "1"), try run())
  #expect(unsure.place == "peer" && unsure.bits == plain.bits && unsure.bytesSent == plain.bytesSent)
  let alone = try run("--activate", "--confidence", "1", peers: ["--peer", "127.0.0.1:1"])
  #expect(alone.place == "local-fusion" && alone.isDegraded == true)
}

/// Behind the crossing and amid the fusion, with two of three modalities absent.
private func theFusionCanRunInFloat(_ bundle: String, model: String) throws {
  let peer = try PeerProcess(bundle: bundle, ["--float", model])
  func scores(_ flags: [String]) throws -> [String: Double] {
    let outcome = try Program.device.run(["run", bundle, "--text", "seven", "--json"] + flags)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let labels = try #require(outcome.json["labels"] as? [[String: Any]])
    return Dictionary(uniqueKeysWithValues: labels.map { ($0["label"] as? String ?? "", $0["score"] as? Double ?? 0) })
  }
  let local = try scores([])
  for split in ["text.rows", "fusion.streams"] {
    let remote = try scores(peer.flags + ["--split", split])
    for (label, score) in local { #expect(abs(score - (remote[label] ?? 0)) < 0.02, "\(split) \(label)") }
    #expect(remote != local)
  }
  let wrong = try Program.peer.run("serve", bundle, "--float", Workspace.checkpoint.path)
  #expect(wrong.status == 65 && wrong.errors.contains("is not the model that"), "\(wrong.errors)")
}

private func aSizeIsFoundThatAnswersInTime(_ directory: String, set: String, _ bundle: String) throws {
  let profile = directory + "/device.toml"
  let probe = try Program.device.run("probe", bundle, "--runs", "2", "--out", profile)
  #expect(probe.status == 0, "\(probe.errors)")
  func fit(_ deadline: String) throws -> Program.Outcome {
    try Program.trainer.run(
      "fit", experiments + "/digits-student.toml", "--set", "data.directory=\(set)", "--profile", profile, "--bundle", bundle,
      "--deadline", deadline, "--json")
  }
  let easy = try fit("60")
  let best = try #require(easy.json["best"] as? [String: Any], "\(easy.errors)")
  #expect(best["scale"] as? Double == 1 && best["share"] as? Double == 1)
  let candidates = try #require(easy.json["candidates"] as? [[String: Any]])
  let measured = try String(contentsOfFile: profile, encoding: .utf8).split(separator: "\n")
  func last(of part: String) -> Double? {
    measured.last { $0.contains("\"\(part)\" =") }?.split { " [],=".contains($0) }.last.flatMap { Double($0) }
  }
  #expect(try #require(candidates[7]["local_milliseconds"] as? Double) > #require(last(of: "pixels")) / 1e3)
  #expect(try #require(last(of: "local")) > 0)
  let sizes = candidates.compactMap { $0["parameters"] as? Int }
  #expect(sizes.count == 8 && sizes.sorted(by: >) == sizes && sizes[7] < sizes[0] / 2)
  let hopeless = try fit("0.0000001")
  #expect(hopeless.status == 65 && hopeless.errors.contains("no size of the model answers within"), "\(hopeless.errors)")
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
