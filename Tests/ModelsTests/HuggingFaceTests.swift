import Autograd
import BundleFormat
import Foundation
import ModelGraph
import Models
import TestSupport
import Testing

private struct Example: Decodable {
  let tokens: [Int32]
  let embedding: [Float]
}

private let golden = Bundle.module.bundleURL.appendingPathComponent("Golden")

private func tiny() throws -> TemporaryDirectory { try TemporaryDirectory(copying: golden.appendingPathComponent("tiny-bert")) }

@Test func embeddingsEqualTransformers() throws {
  let directory = try tiny()
  let model = try HuggingFaceModel(directory: directory.path)
  let interpreter = try FloatInterpreter(graph: model.graph, parameters: model.parameters)
  let data = try Data(contentsOf: golden.appendingPathComponent("tiny-bert-embeddings.json"))
  let examples = try JSONDecoder().decode([Example].self, from: data)
  #expect(examples.count == 4)
  for example in examples {
    let embedding = try interpreter.run(tokens: example.tokens).values
    let error = zip(embedding, example.embedding).map { abs($0 - $1) }.max() ?? 1
    #expect(embedding.count == 32 && error < 2e-6, "\(error)")
  }
}

@Test func segmentsAndSplitPointsFollowTheLayers() throws {
  let directory = try tiny()
  let model = try HuggingFaceModel(directory: directory.path)
  #expect(model.graph.segments.map(\.name) == ["embeddings", "encoder.0", "encoder.1", "pooling"])
  #expect(model.graph.splitPoints.map(\.name) == ["embeddings", "encoder.0", "encoder.1"])
  #expect(model.graph.limits == Limits(batch: 1, sequence: 24))
}

@Test func bothTokenizerFilesSayTheSame() throws {
  let directory = try tiny()
  let first = try #require(try HuggingFaceModel(directory: directory.path).tokenizer)
  try directory.remove("tokenizer.json")
  #expect(try HuggingFaceModel(directory: directory.path).tokenizer == first)
  #expect(first.tokens.count == 20)
  #expect(first.tokens[16] == Array("e\u{301}".utf8) && first.tokens[15] == Array("é".utf8))
  #expect(
    first.options
      == TokenizerOptions(
        lowercase: true, stripAccents: true, splitChinese: true, unknown: 1, classify: 2, separate: 3, pad: 0, maximumTokens: 24))
}

@Test func tokenizerOptionsAreRead() throws {
  let directory = try tiny()
  try directory.edit("tokenizer.json", "\"lowercase\": true", "\"lowercase\": false")
  try directory.edit("tokenizer.json", "\"handle_chinese_chars\": true", "\"handle_chinese_chars\": false")
  try directory.remove("sentence_bert_config.json")
  let tokenizer = try #require(try HuggingFaceModel(directory: directory.path).tokenizer).options
  #expect(!tokenizer.lowercase && !tokenizer.stripAccents && !tokenizer.splitChinese && tokenizer.maximumTokens == 32)
}

@Test func theLongestTextCanBeChosen() throws {
  let directory = try tiny()
  #expect(try HuggingFaceModel(directory: directory.path, maximumTokens: 8).graph.limits.sequence == 8)
  for maximum in [1, 33, -1] {
    #expect(throws: ImportError.self) { try HuggingFaceModel(directory: directory.path, maximumTokens: maximum) }
  }
}

@Test(arguments: [
  ("config.json", "\"hidden_act\": \"gelu\"", "\"hidden_act\": \"relu\"", "field 'hidden_act' is 'relu', expected 'gelu'"),
  ("config.json", "\"model_type\": \"bert\"", "\"model_type\": \"roberta\"", "field 'model_type'"),
  ("config.json", "\"hidden_size\": 32,", "", "field 'hidden_size' is missing"),
  ("config.json", "\"hidden_size\": 32", "\"hidden_size\": 0", "'hidden_size' is 0"),
  ("config.json", "\"hidden_size\": 32", "\"hidden_size\": 16", "config.json asks for [20, 16]"),
  ("config.json", "\"num_attention_heads\": 4", "\"num_attention_heads\": 5", "'num_attention_heads' is 5"),
  ("config.json", "\"num_attention_heads\": 4", "\"num_attention_heads\": 32", "'heads' is out of range"),
  ("config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", "'encoder.layer.2.attention.self.query.weight' is missing"),
  ("config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1", "has no place"),
  ("config.json", "\"layer_norm_eps\": 1e-12", "\"layer_norm_eps\": -1", "'layer_norm_eps' is -1"),
  ("config.json", "\"vocab_size\": 20", "\"vocab_size\": 19", "the model knows 19 tokens"),
  ("config.json", "\"vocab_size\": 20", "\"vocab_size\": \"20\"", "'vocab_size' is '20', expected an integer"),
  ("config.json", "\"type_vocab_size\": 2", "\"type_vocab_size\": 3", "token_type_embeddings"),
  ("config.json", "{", "[", "is not valid JSON"),
  ("tokenizer.json", "BertNormalizer", "NFKC", "field 'normalizer.type' is 'NFKC'"),
  ("tokenizer.json", "WordPiece", "BPE", "field 'model.type' is 'BPE'"),
  ("tokenizer.json", "\"cat\": 7", "\"cat\": 8", "token 'dog' has the identifier 8"),
  ("tokenizer.json", "\"cat\": 7", "\"cat\": -1", "token 'cat' has the identifier -1"),
  ("tokenizer.json", "[SEP]", "[ZEP]", "token '[SEP]' is missing"),
  ("sentence_bert_config.json", "24", "33", "field 'max_seq_length' is 33"),
])
func whatDoesNotFitIsRefusedByName(file: String, old: String, new: String, message: String) throws {
  let directory = try tiny()
  try directory.edit(file, old, new)
  #expect {
    try HuggingFaceModel(directory: directory.path)
  } throws: {
    $0 is ImportError && "\($0)".contains(message)
  }
}

@Test func otherPoolingIsRefused() throws {
  let directory = try tiny()
  try FileManager.default.createDirectory(atPath: directory.path + "/1_Pooling", withIntermediateDirectories: false)
  try directory.write("1_Pooling/config.json", #"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#.utf8)
  #expect {
    try HuggingFaceModel(directory: directory.path)
  } throws: {
    "\($0)".contains("pooling_mode_mean_tokens")
  }
}

@Test(arguments: ["config.json", "model.safetensors"]) func missingFilesAreRefused(file: String) throws {
  let directory = try tiny()
  try directory.remove(file)
  #expect {
    try HuggingFaceModel(directory: directory.path)
  } throws: {
    "\($0)".contains(file + " cannot be read")
  }
}

@Test func aDirectoryWithoutTokenizerIsRefused() throws {
  let directory = try tiny()
  try directory.remove("tokenizer.json")
  try directory.remove("vocab.txt")
  #expect(throws: ImportError.missingFile(directory: directory.path, names: ["tokenizer.json", "vocab.txt"])) {
    try HuggingFaceModel(directory: directory.path)
  }
}
