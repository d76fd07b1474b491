import BundleFormat
import Foundation
import ModelGraph
import Models
import TestSupport
import Testing

private let sound = """
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
  position_groups = 2
  """
private let text = """
  [model.text]
  encoder = "bert"
  longest = 8
  hidden = 32
  layers = 2
  heads = 2
  """
private let vision = """
  [model.image]
  encoder = "vit"
  size = 16
  patch = 4
  hidden = 32
  layers = 2
  heads = 2
  bottleneck = 8
  merged = 2
  """
/// At half the width.
private let mobileNet = """
  [model.image]
  encoder = "mobilenet"
  size = 40
  first = 16
  widths = [8, 16, 16, 32, 48, 80, 160]
  depths = [1, 2, 3, 4, 3, 3, 1]
  strides = [1, 2, 2, 2, 1, 2, 1]
  expansion = 3
  last = 1280
  """

private let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "cat", "##s"]

/// Encoders as models of their own: that `transformers` loads what is imported here is checked by the golden tests of the import.
@Suite struct TowerDirectoryTests {
  private typealias Model = (directory: MultimodalDirectory, graph: Graph, parameters: [String: [Float]])

  private func model(_ parts: String...) throws -> Model {
    let folder = try TemporaryDirectory()
    let file = try folder.write("model.toml", (["[model]\nembedding = 32"] + parts).joined(separator: "\n").utf8)
    let description = try MultimodalDescription(ModelFile.toml(file)["model"], vocabulary: words.count, labels: 0)
    let tokenizer = TokenizerDescription(
      tokens: words.map { Array($0.utf8) }, lowercase: true, stripAccents: true, splitChinese: true, unknown: 1, classify: 2,
      separate: 3, pad: 0, maximumTokens: 8)
    let graph = try description.configuration.graph(heads: []).graph
    var random = SeededGenerator(seed: 1)
    let values = Dictionary(
      uniqueKeysWithValues: graph.parameters.map { id in
        (graph[id].name, (0..<graph[id].shape.sizes.reduce(1, *)).map { _ in random.normal() })
      })
    return (MultimodalDirectory(description: description, tokenizer: tokenizer, labels: []), graph, values)
  }

  @Test(arguments: [
    (Modality.text, vision, "BertModel"), (.sound, vision, "Wav2Vec2Model"), (.image, vision, "SiglipVisionModel"),
    (.image, mobileNet, "MobileNetV2Model"),
  ]) func whatIsExportedIsImportedAgain(part: Modality, image: String, architecture: String) throws {
    let model = try model(image, sound, text)
    let tower = try TowerDirectory(model.directory, parameters: model.parameters, part: part)
    #expect(tower.architecture == architecture)
    let folder = try TemporaryDirectory()
    try tower.write(to: folder.path + "/tower")
    let read = try HuggingFaceModel(directory: folder.path + "/tower", samples: part == .sound ? 400 : nil)
    #expect((read.tokenizer != nil, read.image != nil, read.sound != nil) == (part == .text, part == .image, part == .sound))

    // The encoder's nodes, from its input to the last norm, and those of the model that was read: the same with the same parameters.
    let rows = try #require(model.graph.nodes.firstIndex { $0.name == "\(part.rawValue).rows.boundary" })
    let own = model.graph.nodes[..<rows].filter { $0.name.hasPrefix("\(part.rawValue).") && !$0.name.hasSuffix("rows.narrow") }
    let other = read.graph.nodes.prefix(own.count)
    for (mine, theirs) in zip(own, other) where mine.operation != .flatten {
      #expect(mine.operation == theirs.operation, "\(mine.name)")
      for (id, target) in zip(mine.parameters, theirs.parameters) {
        #expect(model.graph[id].shape == read.graph[target].shape)
        let (values, found) = (model.parameters[model.graph[id].name] ?? [], read.parameters[target] ?? [])
        let error = zip(values, found).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(values.count == found.count && error < 1e-6, "\(mine.name)")
      }
    }
  }

  @Test func anEncoderThatTransformersHasNotIsRefused() throws {
    let pruned = try model(text.replacingOccurrences(of: "heads = 2", with: "heads = 1\nhead_width = 16"))
    let reason = "its 1 heads of 16 are together not as wide as its rows, 32, as after pruning"
    #expect(throws: TowerError.noArchitecture(.text, reason: reason)) {
      try TowerDirectory(pruned.directory, parameters: pruned.parameters)
    }
    let narrow = try model(mobileNet.replacingOccurrences(of: "80", with: "72"))
    #expect {
      try TowerDirectory(narrow.directory, parameters: narrow.parameters)
    } throws: { error in
      guard case TowerError.noArchitecture(.image, _) = error else { return false }
      return true
    }
  }

  @Test func theEncoderIsNamedWhereThereAreSeveral() throws {
    let two = try model(vision, text)
    #expect(throws: TowerError.severalParts([.image, .text])) { try TowerDirectory(two.directory, parameters: two.parameters) }
    #expect(throws: TowerError.noPart(.sound, known: [.image, .text])) {
      try TowerDirectory(two.directory, parameters: two.parameters, part: .sound)
    }
    let one = try model(text)
    #expect(try TowerDirectory(one.directory, parameters: one.parameters).architecture == "BertModel")
  }
}
