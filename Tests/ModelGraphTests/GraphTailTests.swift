import ModelGraph
import TestSupport
import Testing

@Suite struct GraphTailTests {
  @Test func aTailIsWhatThePeerRuns() throws {
    let graph = try GraphParts().graph()
    for point in graph.splitPoints {
      let tail = try GraphTail(of: graph, behind: point)
      let start = graph.segments[point.segment].nodes.upperBound
      #expect(tail.graph.nodes.map(\.name) == graph.nodes[start...].map(\.name))
      #expect(tail.graph.inputs.map { tail.tensors[$0.index] } == point.tensors)
      #expect(tail.graph.outputs.map { tail.graph[$0].name } == graph.outputs.map { graph[$0].name })
      #expect(tail.graph.tensors == tail.tensors.map { graph[$0] })
      #expect(tail.graph.segments.map(\.name) == graph.segments[(point.segment + 1)...].map(\.name))
    }
  }
}
