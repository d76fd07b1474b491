import ModelGraph
import TestSupport
import Testing

extension GraphParts {
  /// The small encoder with a local path: the mean of what a node puts out.
  fileprivate init(localFrom source: String) throws {
    try self.init()
    tensors.append(Tensor(name: "near", shape: .vector(6)))
    let near = TensorID(tensors.count - 1)
    nodes.append(Node(name: "near", operation: .pool(.mean), inputs: [id(source)], output: near))
    segments.append(Segment(name: "local", nodes: nodes.count - 1..<nodes.count, role: .local))
    outputs.append(near)
  }
}

@Suite struct LocalPathTests {
  @Test func aLocalPathStartsFromWhatCrosses() throws {
    let graph = try GraphParts(localFrom: "crossing").graph()
    let plain = try GraphParts().graph()
    #expect(graph.splitPoints == plain.splitPoints)
    #expect(graph.nodes(of: .main) == plain.nodes.indices && graph.nodes(of: .local) == 7..<8)
    #expect(graph.outputs(of: .main) == plain.outputs && graph.outputs(of: .local).map { graph[$0].name } == ["near"])
    #expect(graph.multiplyAccumulates(sequence: 5) == plain.multiplyAccumulates(sequence: 5))
    #expect(graph.fork == 2 && plain.fork == 0)
    #expect(plain.nodes(of: .local).isEmpty && plain.outputs(of: .local).isEmpty)
  }

  @Test(arguments: ["embedded", "product", "sum"]) func aLocalPathReadsNothingElse(source: String) throws {
    let parts = try GraphParts(localFrom: source)
    #expect(parts.refusal == .localInput(node: "near", tensor: source))
  }

  @Test func localSegmentsComeLast() throws {
    var parts = try GraphParts(localFrom: "crossing")
    parts.segments = parts.segments.map { Segment(name: $0.name, nodes: $0.nodes, role: $0.name == "second" ? .local : .main) }
    #expect(parts.refusal == .mainBehindLocal(segment: "local"))
  }

  @Test func aPathNeedsAnOutput() throws {
    for path in ["near", "result"] {
      var parts = try GraphParts(localFrom: "crossing")
      let output = parts.id(path)
      parts.outputs.removeAll { $0 == output }
      #expect(parts.refusal == .unused(tensor: path))
    }
  }

  @Test func nothingIsLocalAlone() throws {
    var parts = try GraphParts()
    parts.segments = parts.segments.map { Segment(name: $0.name, nodes: $0.nodes, role: .local) }
    #expect(parts.refusal == .localInput(node: "embedded", tensor: "ids"))
  }
}
