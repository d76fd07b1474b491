import BundleFormat
import Foundation
import ModelGraph
import Models
import TestSupport
import Testing

private let file = """
  [model]
  embedding = 32
  [model.image]
  encoder = "vit"
  size = 16
  patch = 4
  hidden = 32
  layers = 1
  heads = 2
  bottleneck = 8
  merged = 2
  [model.sound]
  encoder = "wav2vec2"
  rate = 16000
  samples = 400
  widths = [16, 32]
  kernels = [10, 4]
  strides = [5, 4]
  hidden = 32
  layers = 1
  heads = 2
  position_kernel = 5
  [model.text]
  encoder = "bert"
  longest = 8
  hidden = 32
  layers = 1
  heads = 2
  [model.fusion]
  width = 32
  layers = 1
  heads = 2
  experts = 2
  """

private let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "cat", "##s"]

@Suite struct MultimodalDirectoryTests {
  private func fields(_ text: String) throws -> Field {
    let folder = try TemporaryDirectory()
    return try ModelFile.toml(try folder.write("experiment.toml", text.utf8))["model"]
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let description = try MultimodalDescription(fields(file), vocabulary: words.count, labels: 2)
    let tokenizer = TokenizerDescription(
      tokens: words.map { Array($0.utf8) }, lowercase: true, stripAccents: true, splitChinese: true, unknown: 1, classify: 2,
      separate: 3, pad: 0, maximumTokens: 8)
    let graph = try description.configuration.graph(heads: []).graph
    var random = SeededGenerator(seed: 1)
    let values = Dictionary(
      uniqueKeysWithValues: graph.parameters.map { id in
        (graph[id].name, (0..<(graph[id].shape.elementCount(batch: 1, sequence: 1) ?? 0)).map { _ in random.normal() })
      })
    let folder = try TemporaryDirectory()
    let path = folder.path + "/model"
    let directory = MultimodalDirectory(description: description, tokenizer: tokenizer, labels: ["cat", "dog \"x\""])
    try directory.write(to: path, parameters: values)
    let model = try HuggingFaceModel(directory: path)
    #expect(model.graph == graph)
    #expect(Dictionary(uniqueKeysWithValues: model.parameters.map { (model.graph[$0].name, $1) }) == values)
    #expect(model.tokenizer == tokenizer)
    #expect(model.labels == ["cat", "dog \"x\""])
    #expect(model.sound == SoundInput(rate: 16000, samples: 400, isNormalized: true))
    #expect(model.image?.width == 16)
  }

  @Test(arguments: [
    ("hidden = 32", "hiden = 32", "model.image.hiden"), ("merged = 2", "merged = 0", "model.image.merged"),
    ("patch = 4", "patch = 5", "model.image.patch"), ("strides = [5, 4]", "strides = [5]", "model.sound.strides"),
    ("experts = 2", "experts = 0", "model.fusion.experts"), ("encoder = \"bert\"", "encoder = \"lstm\"", "model.text.encoder"),
    ("embedding = 32", "embedding = \"wide\"", "model.embedding"),
  ]) func whatIsWrongIsNamed(old: String, new: String, field: String) throws {
    let fields = try fields(file.replacingOccurrences(of: old, with: new))
    #expect {
      _ = try MultimodalDescription(fields, vocabulary: words.count, labels: 2)
    } throws: { error in
      guard case ImportError.badField(_, let found, _, _) = error else { return false }
      return found == field
    }
  }
}
