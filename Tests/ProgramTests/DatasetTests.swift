import Foundation
import TestSupport
import Testing

/// Twenty rows of digits with random greys.
private let digits: String = {
  var generator = SeededGenerator(seed: 4)
  return (0..<20).map { row in
    (0..<64).map { _ in "\(Int.random(in: 0...16, using: &generator))" }.joined(separator: ",") + ",\(row % 10)\n"
  }.joined()
}()

/// The bytes of all files of a folder.
private func contents(ofFolder path: String) throws -> [String: Data] {
  let names = try FileManager.default.contentsOfDirectory(atPath: path)
  return Dictionary(uniqueKeysWithValues: try names.map { ($0, try Data(contentsOf: URL(fileURLWithPath: path + "/" + $0))) })
}

/// What `dataset inspect` tells of each split.
private func inspect(_ set: String) throws -> [String: [String: Any]] {
  let outcome = try Program.trainer.run("dataset", "inspect", set, "--json")
  #expect(outcome.status == 0, "\(outcome.errors)")
  let splits = try #require(outcome.json["splits"] as? [[String: Any]])
  return Dictionary(uniqueKeysWithValues: splits.map { ($0["name"] as? String ?? "", $0) })
}

private func numbers(_ split: [String: Any]?, _ field: String) -> [String: Int] { split?[field] as? [String: Int] ?? [:] }

@Test func digitsAreMadeAndGoOnWhereTheyWereStopped() throws {
  let directory = try TemporaryDirectory()
  let rows = try directory.write("digits.csv", digits.utf8)
  let set = directory.path + "/set"
  let arguments = ["dataset", "digits", "--digits", rows, "--out", set]
  let outcome = try Program.trainer.run(arguments)
  #expect(outcome.status == 0 && outcome.output.hasPrefix("wrote \(set): 10 concepts; samples: 16 train, 4 renderings"), "\(outcome)")
  let made = try contents(ofFolder: set)
  #expect(made.keys.sorted() == ["dataset.json", "renderings-000000.tar", "train-000000.tar"])

  try FileManager.default.removeItem(atPath: set + "/train-000000.tar")
  #expect(try Program.trainer.run(arguments).status == 0)
  #expect(try contents(ofFolder: set) == made)
  expectRefusal(try Program.trainer.run(arguments + ["--seed", "2"]), 73, naming: set, "made in another way")

  let splits = try inspect(set)
  let (train, heldOut) = (splits["train"], splits["renderings"])
  #expect(train?["samples"] as? Int == 16 && heldOut?["samples"] as? Int == 4)
  #expect(numbers(train, "bad").isEmpty && numbers(heldOut, "bad").isEmpty)
  #expect(Set(numbers(train, "voices").keys).isDisjoint(with: numbers(heldOut, "voices").keys))
}

@Test func pictogramsHoldOutConceptsVoicesAndRenderings() throws {
  let directory = try TemporaryDirectory()
  let (set, page) = (directory.path + "/set", directory.path + "/page.html")
  let outcome = try Program.trainer.run(
    "dataset", "pictograms", "--out", set, "--concepts", "3", "--languages", "en,de", "--samples", "3", "--size", "32", "--preview", page)
  #expect(outcome.status == 0, "\(outcome.errors)")
  let splits = try inspect(set)
  #expect(splits.mapValues { $0["samples"] as? Int } == ["train": 6, "renderings": 4, "zero-shot": 4])
  #expect(splits.values.allSatisfy { numbers($0, "bad").isEmpty })
  let concepts = splits.mapValues { Set($0["concepts"] as? [Int] ?? []) }
  #expect(concepts["train"] == concepts["renderings"] && concepts["train"]?.count == 2)
  #expect(concepts["zero-shot"]?.count == 1 && concepts["train"]?.isDisjoint(with: concepts["zero-shot", default: []]) == true)
  for field in ["voices", "renderings"] {
    let trained = Set(numbers(splits["train"], field).keys)
    for split in ["renderings", "zero-shot"] { #expect(trained.isDisjoint(with: numbers(splits[split], field).keys)) }
  }
  let html = try contents(of: page)
  #expect(html.components(separatedBy: "<img").count - 1 == 14 && html.components(separatedBy: "<audio").count - 1 == 14)
}

@Test func whatIsBadInASetIsCountedAndNamed() throws {
  let directory = try TemporaryDirectory()
  let rows = try directory.write("digits.csv", digits.utf8)
  let set = directory.path + "/set"
  #expect(try Program.trainer.run("dataset", "digits", "--digits", rows, "--out", set).status == 0)
  var shard = try Data(contentsOf: URL(fileURLWithPath: set + "/train-000000.tar"))
  let place = try #require(shard.range(of: Data("IDAT".utf8)))
  shard[place.upperBound + 20] ^= 1
  try shard.write(to: URL(fileURLWithPath: set + "/train-000000.tar"))
  let outcome = try Program.trainer.run("dataset", "inspect", set)
  #expect(outcome.status == 0 && outcome.output.contains("bad: 1 × damaged picture ("), "\(outcome)")
  #expect(numbers(try inspect(set)["train"], "bad") == ["damaged picture": 1])

  try shard.prefix(5000).write(to: URL(fileURLWithPath: set + "/train-000000.tar"))
  expectRefusal(try Program.trainer.run("dataset", "inspect", set), 65, naming: "train-000000.tar", "byte", "no whole tar file")
  try FileManager.default.removeItem(atPath: set + "/train-000000.tar")
  expectRefusal(try Program.trainer.run("dataset", "inspect", set), 66, naming: "train-000000.tar")
}

@Test func badInputsOfSetsAreNamed() throws {
  let directory = try TemporaryDirectory()
  let rows = try directory.write("digits.csv", (digits + "1,2,3\n").utf8)
  let set = directory.path + "/set"
  expectRefusal(try Program.trainer.run("dataset", "digits", "--digits", rows, "--out", set), 65, naming: rows, "line 21")
  expectRefusal(try Program.trainer.run("dataset", "digits", "--digits", rows + "x", "--out", set), 66, naming: rows + "x")
  let pictograms = ["dataset", "pictograms", "--out", set, "--concepts", "2"]
  expectRefusal(try Program.trainer.run(pictograms + ["--languages", "en,xx"]), 66, naming: "xx")
  #expect(try Program.trainer.run(pictograms + ["--languages", "de"]).status == 64)
  expectRefusal(try Program.trainer.run("dataset", "preview", set, "--out", set + ".html"), 66, naming: "dataset.json")
}
