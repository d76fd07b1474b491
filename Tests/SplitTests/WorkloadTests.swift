import ModelGraph
import Split
import TestSupport
import Testing

/// What a request asks of a graph.
@Suite struct WorkloadTests {
  @Test func allModalitiesAskForAll() throws {
    for model in SmallModel.all {
      for sequence in [1, min(7, model.graph.limits.sequence), model.graph.limits.sequence] {
        let work = Workload(model.graph, sequence: sequence)
        for (segment, part) in zip(model.graph.segments, work.segments) {
          let isMain = segment.role == .main
          let work = isMain ? model.graph.multiplyAccumulates(of: segment.nodes, sequence: sequence) : 0
          #expect(Int(part.multiplyAccumulates) == work && part.share == (isMain ? 1 : 0), "\(model.name) \(segment.name)")
        }
        let bytes = model.graph.splitPoints.map { model.graph.featureByteCount(at: $0, sequence: sequence) }
        #expect(work.crossings.map { $0.featureBytes } == bytes && work.crossings.allSatisfy { $0.featureBytes > 0 })
        // A local fusion's outputs never cross.
        let contract = BundleContract(hash: [UInt8](repeating: 1, count: 32), graph: model.graph)
        #expect(work.resultBytes == contract.resultBytes(sequence: UInt16(sequence), present: .max))
      }
    }
  }

  @Test func absentModalitiesAskForNothing() throws {
    let graph = try SmallModel.fusion().graph
    // The inputs are an image of 9 rows, a sound of 7, and a text: all of width 32 where they meet.
    let places = Dictionary(uniqueKeysWithValues: graph.segments.enumerated().map { ($1.name, $0) })
    let sound = Workload(graph, sequence: 5, present: 0b010)
    for name in ["image", "text"] { #expect(sound.segments[places[name]!] == Workload.SegmentWork(multiplyAccumulates: 0, share: 0)) }
    #expect(sound.segments[places["sound"]!].share == 1)
    let all = Workload(graph, sequence: 5)
    let fusion = places["fusion.0"]!
    #expect((0.01...0.5).contains(sound.segments[fusion].share) && all.segments[fusion].share == 1)
    let subnets = try #require(graph.splitPoints.firstIndex { $0.name == "text" })
    #expect(sound.crossings[subnets].featureBytes == 7 * 35)
    #expect(all.crossings[subnets].featureBytes == (9 + 7 + 5) * 35)
    #expect(Workload(graph, sequence: 5, present: 0b110).crossings[subnets].featureBytes == (7 + 5) * 35)
    #expect(Workload(graph, sequence: 5, present: 0).multiplyAccumulates(of: 0..<graph.segments.count) == 0)
  }
}
