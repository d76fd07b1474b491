import ModelGraph
import Models
import TestSupport
import Testing

private let sizes = FusionConfiguration(width: 32, layers: 2, heads: 4, inner: 48, outputs: 11)
private let names = ["fusion", "fusion-experts", "fusion-local", "fusion-cross", "caption"]

private func outputs(_ name: String, into builder: inout GraphBuilder) -> [TensorID] {
  var mixture = sizes
  (mixture.layers, mixture.experts) = (1, 3)
  return switch name {
  case "fusion": fusionEncoder(into: &builder, sizes, image: 6, audio: 5, text: .fixed(4))
  case "fusion-experts": fusionEncoder(into: &builder, mixture, image: 6, audio: 5, text: .fixed(4))
  case "fusion-local":
    fusionEncoder(
      into: &builder, sizes, local: FusionConfiguration(width: 16, layers: 1, heads: 2, inner: 24, outputs: 11), image: 6, audio: 5,
      text: .fixed(4))
  case "fusion-cross": [crossAttentionFusion(into: &builder, sizes, image: 6, text: .fixed(4))]
  default: [captionDecoder(into: &builder, sizes, image: 6, longest: 8)]
  }
}

private func graph(_ name: String) throws -> Graph {
  var builder = GraphBuilder()
  let ids = outputs(name, into: &builder)
  return try builder.build(outputs: ids, limits: Limits(batch: 1, sequence: 8))
}

/// The parameters of a graph, from a checkpoint with the same names and shapes.
private func parameters(of graph: Graph, in path: String) throws -> [TensorID: [Float]] {
  let file = try Safetensors(path: path + "/model.safetensors")
  let entries = Dictionary(uniqueKeysWithValues: file.entries.map { ($0.name, $0) })
  #expect(Set(entries.keys) == Set(graph.parameters.map { graph[$0].name }))
  var parameters: [TensorID: [Float]] = [:]
  for id in graph.parameters {
    let entry = try #require(entries[graph[id].name])
    #expect(Shape(entry.shape.map { .fixed($0) }) == graph[id].shape)
    parameters[id] = try file.floats(entry)
  }
  return parameters
}

@Test(arguments: names) func fusionsComputeWhatTorchDoes(name: String) throws {
  let golden = try GoldenModel(name)
  let graph = try graph(name)
  let errors = try golden.errors(of: graph, parameters(of: graph, in: golden.directory.path))
  for (output, error) in errors { #expect(error < 1e-5, "\(output)") }
}

@Test(arguments: names) func fusionsSplitAfterEverySegment(name: String) throws {
  let graph = try graph(name)
  let main = graph.segments.filter { $0.role == .main }
  #expect(main.first?.name == "streams" && main.last?.name == "head")
  #expect(graph.splitPoints.map(\.name) == main.dropLast().map(\.name))
}

@Test func aFusionTakesAsMuchTextAsThereIs() throws {
  let golden = try GoldenModel("fusion")
  var builder = GraphBuilder()
  let ids = fusionEncoder(into: &builder, sizes, image: 6, audio: 5, text: .sequence(atMost: 4))
  let graph = try builder.build(outputs: ids, limits: Limits(batch: 1, sequence: 4))
  #expect(graph.splitPoints.first.map { graph[$0.tensors[0]].shape } == .rows(.extendedSequence(by: 11), 32))
  let parameters = try parameters(of: graph, in: golden.directory.path)
  let whole = try golden.errors(of: graph, parameters, sequence: 4)
  #expect(whole["fused"] ?? 1 < 1e-5)
  #expect(try golden.errors(of: graph, parameters, sequence: 3)["fused"] ?? 0 > 1e-3)
}

@Test func aLocalFusionIsReadFromTheConfiguration() throws {
  let golden = try GoldenModel("fusion-local")
  let model = try golden.load()
  #expect(try model.graph.nodes == graph("fusion-local").nodes)
  #expect(model.graph.segments.last == Segment(name: "local", nodes: model.graph.nodes(of: .local), role: .local))
  #expect(model.graph.outputs(of: .local).map { model.graph[$0].name } == ["local.fused"])
}
