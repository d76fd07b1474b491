import BundleFormat
import Foundation
import ModelGraph
import Models
import TestSupport
import Testing

private let names = [
  "vit", "vit-logits", "deit-logits", "deit-teacher", "siglip", "timm-vit", "timm-deit", "clip", "clip-image", "clip-image-plain",
  "clip-text",
  "wav2vec2", "wav2vec2-stable", "wav2vec2-logits", "wav2vec2-characters", "mobilenet", "mobilenet-logits", "timm-mobilenet", "resnet",
  "resnet-logits", "resnet-bottleneck-logits", "timm-resnet", "timm-resnet-bottleneck",
]

@Test(arguments: names) func outputsEqualTheOriginals(name: String) throws {
  let golden = try GoldenModel(name)
  let model = try golden.load()
  let errors = try golden.errors(of: model.graph, model.parameters)
  #expect(Set(errors.keys) == golden.outputs)
  for (output, error) in errors { #expect(error < 1e-5, "\(output)") }
}

/// Where int16 would enter a convolution that reads 8-bit codes, `quantize` stands before it; elsewhere it does not.
@Test(arguments: names) func convolutionsReadCodes(name: String) throws {
  let graph = try GoldenModel(name).load().graph
  let writers = Dictionary(uniqueKeysWithValues: graph.nodes.map { ($0.output, $0) })
  func readers(_ id: TensorID) -> [Node] { graph.nodes.filter { $0.inputs.contains(id) } }
  for node in graph.nodes {
    guard case .convolution(let convolution) = node.operation, var source = writers[node.inputs[0]] else { continue }
    let readsRows = graph[node.inputs[0]].shape.rank == 3 && convolution.groups == 1 && convolution.window.padding == .none
    if case .activation = source.operation, let before = writers[source.inputs[0]], !readsRows {
      #expect(readers(before.output).count == 1)
      source = before
    }
    if case .convolution = source.operation, !readsRows {
      let all = readers(node.inputs[0]).allSatisfy { if case .convolution = $0.operation { true } else { false } }
      #expect(all, "\(node.name)")
    } else {
      #expect((source.operation == .quantize) != readsRows, "\(node.name)")
    }
  }
}

@Test(arguments: names) func everySegmentButTheLastEndsInASplitPoint(name: String) throws {
  let graph = try GoldenModel(name).load().graph
  let between = graph.segments.map(\.name).dropLast().drop { name == "clip" && $0 == "image.patches" }
  #expect(graph.splitPoints.map(\.name) == Array(between))
  let last = try #require(graph.segments.last).nodes
  for output in graph.outputs { #expect(graph.nodes[last].contains { $0.output == output }) }
}

@Test(arguments: [
  ("vit", ["patches", "encoder.0", "encoder.1", "pooling"]), ("deit-teacher", ["patches", "encoder.0", "encoder.1", "head"]),
  ("siglip", ["patches", "encoder.0", "encoder.1", "pooling"]),
  ("clip-text", ["embeddings", "encoder.0", "encoder.1", "pooling"]),
  (
    "clip",
    ["image.patches", "text.embeddings", "image.encoder.0", "image.encoder.1", "text.encoder.0", "text.encoder.1", "pooling"]
  ),
  ("wav2vec2", ["features", "positions", "encoder.0", "encoder.1", "pooling"]),
  ("mobilenet-logits", ["features"] + (0..<6).map { "encoder.\($0)" } + ["head"]),
  ("resnet", ["features", "encoder.0", "encoder.1", "pooling"]),
])
func segmentsFollowTheLayers(name: String, segments: [String]) throws {
  #expect(try GoldenModel(name).load().graph.segments.map(\.name) == segments)
}

private func image(_ size: Int, _ resize: ImageInput.Resize, _ filter: ImageInput.Filter, _ mean: [Float], _ deviation: [Float])
  -> ImageInput
{
  ImageInput(height: size, width: size, resize: resize, filter: filter, mean: mean, deviation: deviation)
}

private let half: [Float] = [0.5, 0.5, 0.5]
private let imageNet: ([Float], [Float]) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])

@Test(arguments: [
  ("vit", image(16, .exact, .bilinear, half, [0.5, 0.25, 0.5])),
  ("deit-logits", image(16, .shortestEdge(18), .bicubic, half, [0.5, 0.25, 0.5])),
  ("clip", image(16, .shortestEdge(16), .bicubic, half, [0.5, 0.25, 0.5])),
  ("timm-vit", image(16, .shortestEdge(17), .bicubic, half, half)),
  ("mobilenet-logits", image(40, .shortestEdge(48), .bilinear, imageNet.0, imageNet.1)),
  ("mobilenet", image(40, .exact, .bilinear, imageNet.0, imageNet.1)),
  ("resnet-logits", image(33, .shortestEdge(37), .bicubic, imageNet.0, imageNet.1)),
  ("timm-resnet", image(40, .shortestEdge(42), .bicubic, imageNet.0, imageNet.1)),
])
func picturesArePreparedAsTheFilesSay(name: String, expected: ImageInput) throws {
  let model = try GoldenModel(name).load()
  #expect(model.image == expected)
  #expect(model.labels == (name.hasSuffix("-logits") ? ["cat", "dog", "owl"] : []))
}

@Test func pixelsMayStayAsTheyAre() throws {
  let golden = try GoldenModel("vit")
  try golden.directory.edit("preprocessor_config.json", "\"do_normalize\": true", "\"do_normalize\": false")
  #expect(try golden.load().image == image(16, .exact, .bilinear, [0, 0, 0], [1, 1, 1]))
}

@Test func soundIsPreparedAsTheFilesSay() throws {
  let model = try GoldenModel("wav2vec2-logits").load()
  #expect(model.sound == SoundInput(rate: 16000, samples: 400, isNormalized: true) && model.labels == ["cat", "dog", "owl"])
  #expect(try GoldenModel("wav2vec2-characters").load().labels == ["<pad>", "|", "E", "T", "<s>"])
  let second = try GoldenModel("wav2vec2").load(samples: nil)
  #expect(second.sound == SoundInput(rate: 16000, samples: 16000, isNormalized: false))
  #expect(second.graph.inputs.map { second.graph[$0].shape } == [.rows(.fixed(16000), 1)])
}

@Test func labelsOfTimmAreRead() throws {
  let golden = try GoldenModel("timm-resnet")
  try golden.directory.edit("config.json", "\"num_features\"", "\"label_names\": [\"a\", \"b\", \"c\"], \"num_features\"")
  #expect(try golden.load().labels == ["a", "b", "c"])
}

@Test func bothBytePairFilesSayTheSame() throws {
  let golden = try GoldenModel("clip-text")
  let first = try #require(try golden.load().bytePair)
  #expect(first.options == BytePairOptions(start: 10, end: 11, maximumTokens: 12))
  #expect(first.tokens.count == 12 && first.tokens[3] == Array("é".utf8) && first.tokens[8] == Array("cat</w>".utf8))
  #expect(first.merges == [Array("a t</w>".utf8), Array("c at</w>".utf8)])
  try golden.directory.remove("tokenizer.json")
  #expect(try golden.load().bytePair == first)
  #expect(try golden.load(maximumTokens: 8).graph.limits.sequence == 8)
}

/// A bundle takes all that an import gives.
@Test(arguments: names) func bundlesHoldTheModel(name: String) throws {
  let model = try GoldenModel(name).load()
  let contents = BundleContents(
    name: name, graph: model.graph, parameters: model.parameters.mapValues { .float32($0) }, bytePair: model.bytePair, image: model.image,
    sound: model.sound, labels: model.labels)
  let directory = try TemporaryDirectory()
  try BundleWriter.write(contents, to: directory.path + "/model.gguf")
  let bundle = try BundleFormat.Bundle(path: directory.path + "/model.gguf")
  #expect(bundle.graph == model.graph && bundle.image == model.image && bundle.sound == model.sound && bundle.labels == model.labels)
}
