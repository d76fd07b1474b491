import ModelGraph
import Models
import TestSupport
import Testing

private let sizes = FusionConfiguration(width: 32, layers: 2, heads: 4, inner: 48, outputs: 11)
private let names = ["fusion", "fusion-experts", "fusion-cross", "caption"]

private func output(_ name: String, into builder: inout GraphBuilder) -> TensorID {
  var mixture = sizes
  (mixture.layers, mixture.experts) = (1, 3)
  return switch name {
  case "fusion": fusionEncoder(into: &builder, sizes, image: 6, audio: 5, text: .fixed(4))
  case "fusion-experts": fusionEncoder(into: &builder, mixture, image: 6, audio: 5, text: .fixed(4))
  case "fusion-cross": crossAttentionFusion(into: &builder, sizes, image: 6, text: .fixed(4))
  default: captionDecoder(into: &builder, sizes, image: 6, longest: 8)
  }
}

private func graph(_ name: String) throws -> Graph {
  var builder = GraphBuilder()
  let id = output(name, into: &builder)
  return try builder.build(outputs: [id], limits: Limits(batch: 1, sequence: 8))
}

@Test(arguments: names) func fusionsComputeWhatTorchDoes(name: String) throws {
  let golden = try GoldenModel(name)
  let graph = try graph(name)
  let file = try Safetensors(path: golden.directory.path + "/model.safetensors")
  let entries = Dictionary(uniqueKeysWithValues: file.entries.map { ($0.name, $0) })
  #expect(Set(entries.keys) == Set(graph.parameters.map { graph[$0].name }))
  var parameters: [TensorID: [Float]] = [:]
  for id in graph.parameters {
    let entry = try #require(entries[graph[id].name])
    #expect(Shape(entry.shape.map { .fixed($0) }) == graph[id].shape)
    parameters[id] = try file.floats(entry)
  }
  for (output, error) in try golden.errors(of: graph, parameters) { #expect(error < 1e-5, "\(output)") }
}

@Test(arguments: names) func fusionsSplitAfterEverySegment(name: String) throws {
  let graph = try graph(name)
  #expect(graph.segments.first?.name == "streams" && graph.segments.last?.name == "head")
  #expect(graph.splitPoints.map(\.name) == graph.segments.dropLast().map(\.name))
}

@Test func aFusionTakesAsMuchTextAsThereIs() throws {
  var builder = GraphBuilder()
  let id = fusionEncoder(into: &builder, sizes, image: 6, audio: 5, text: .sequence(atMost: 8))
  let graph = try builder.build(outputs: [id], limits: Limits(batch: 1, sequence: 8))
  #expect(graph.splitPoints.first.map { graph[$0.tensors[0]].shape } == .rows(.extendedSequence(by: 11), 32))
}
