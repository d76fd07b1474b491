import Dataset
import JSONFormat
import TestSupport
import Testing

private let description = DatasetDescription(
  name: "tiny", recipe: ["seed 1", "a \"b\"\n"], rate: 16000, allowsMirroring: true, languages: ["en"],
  concepts: [.init(name: "cat", symbol: "🐈", isHeldOut: false, prompts: ["cat", "a cat"])],
  splits: [.init(name: "train", samples: 3, shards: 2), .init(name: "zero-shot", samples: 0, shards: 0)])

@Test func aDescriptionIsReadAsItIsWritten() throws {
  let directory = try TemporaryDirectory()
  try directory.write("dataset.json", description.json.text.utf8)
  let read = try DatasetDirectory(directory.path)
  #expect(read.description == description)
  #expect(try read.shards(of: "train") == ["train-000000.tar", "train-000001.tar"].map { directory.path + "/" + $0 })
  #expect(throws: DatasetError.unknownSplit("test", known: ["train", "zero-shot"])) { try read.shards(of: "test") }
}

@Test(arguments: [
  ("\"rate\":16000", "\"rate\":0", "rate"), ("\"format\":1", "\"format\":2", "format"),
  ("\"name\":\"train\"", "\"name\":\"../train\"", "splits[0].name"),
  ("\"prompts\":[\"cat\",\"a cat\"]", "\"prompts\":[]", "concepts[0].prompts"),
  ("\"held_out\":false,", "", "concepts[0].held_out"), ("}", "", "byte"),
])
func badDescriptionsAreRefusedByField(old: String, new: String, field: String) throws {
  let text = description.json.text.replacing(old, with: new)
  let error = #expect(throws: DatasetError.self) { try DatasetDescription(parsing: Array(text.utf8), file: "dataset.json") }
  #expect(error.map { "\($0)" }?.contains(field) == true)
}

@Test func metadataIsReadAsItIsWritten() throws {
  let written = metadata(concept: 7)
  #expect(try Sample(key: "a", members: ["json": Array(written.json.text.utf8)]).metadata() == written)
}
