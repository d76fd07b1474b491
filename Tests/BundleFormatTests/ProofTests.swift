import ModelGraph
import TestSupport
import Testing

import BundleFormat

/// The proofs that sums of 16 bits suffice: what the writer finds, and what the reader believes.
@Suite struct ProofTests {
  static let outputs = 250
  static let inputs = 303

  /// One matrix of more bytes than are read at once, whose blocks have small weights and large ones in turn.
  static func contents() throws -> BundleContents {
    var builder = GraphBuilder()
    let rows = Shape([.batch, .sequence, .fixed(inputs)])
    let tokens = builder.input("tokens", shape: Shape([.batch, .sequence]), dataType: .int32)
    let tables = [builder.parameter("word", 5, inputs), builder.parameter("position", 4, inputs)]
    let embedded = builder.node("embedded", .embedding, tokens, parameters: tables, shape: rows)
    let product = builder.node(
      "product", .linear, embedded, parameters: [builder.parameter("matrix", outputs, inputs)], shape: rows.withWidth(outputs))
    let pooled = builder.node("pooled", .pool(.mean), product, shape: Shape([.batch, .fixed(outputs)]))
    let result = builder.node("result", .l2Normalize, pooled, shape: Shape([.batch, .fixed(outputs)]))
    builder.endSegment("all")
    let graph = try SampleModel.quantized(try builder.build(outputs: [result], limits: Limits(batch: 1, sequence: 4)))
    return BundleContents(name: "proofs", graph: graph, parameters: parameters(of: graph))
  }

  private static func parameters(of graph: Graph) -> [TensorID: ParameterData] {
    var generator = SeededGenerator(seed: 7)
    var parameters: [TensorID: ParameterData] = [:]
    for id in graph.parameters {
      let rows = (graph[id].shape.elementCount(batch: 1, sequence: 1) ?? 0) / inputs
      let values = (0..<rows * inputs).map { place in
        let bound = [3, 11, 16, 32, 40, 64, 127][place / inputs / 16 % 7]
        return Int8(Int.random(in: -bound...bound, using: &generator))
      }
      parameters[id] = .int8Rows(values: values, scales: [Float](repeating: 1, count: rows))
    }
    return parameters
  }

  /// Whether the run holds in a block, by its definition: for each output, run and lane.
  private static func holds(_ run: Int, block: Int, _ values: [Int8]) -> Bool {
    for output in 16 * block..<min(outputs, 16 * block + 16) {
      for start in stride(from: 0, to: inputs, by: 4 * run) {
        for lane in 0..<2 {
          let weights = (start..<min(inputs, start + 4 * run)).filter { $0 % 4 / 2 == lane }.map { Int(values[output * inputs + $0]) }
          let positive = weights.reduce(0) { $0 + max(0, $1) }
          let negative = weights.reduce(0) { $0 + min(0, $1) }
          if 255 * positive > Int(Int16.max) || 255 * negative < Int(Int16.min) { return false }
        }
      }
    }
    return true
  }

  private func proofs() throws -> [Int] {
    let contents = try Self.contents()
    guard let id = contents.graph.parameters.last, case .int8Rows(let values, _)? = contents.parameters[id] else { return [] }
    return (0..<(Self.outputs + 15) / 16).map { block in [8, 4, 2, 1].first { Self.holds($0, block: block, values) } ?? 0 }
  }

  @Test func theWriterProvesTheLongestRuns() throws {
    let file = try TestFile(try BundleWriter.serialize(try Self.contents()))
    let bundle = try ModelBundle(path: file.path)
    let matrix = try #require(bundle.graph.parameters.last)
    let expected = try proofs()
    #expect(Set(expected) == [8, 4, 2, 1, 0])
    #expect((0..<expected.count).map { Int(bundle.parameter(matrix).proofs?[$0] ?? 255) } == expected)
  }

  @Test func anOverstatedProofIsRefused() throws {
    let bytes = try BundleWriter.serialize(try Self.contents())
    for (block, run) in try proofs().enumerated() {
      for claim in [run == 0 ? 1 : 2 * run, 8, 3, 16, 255] where claim > run {
        var bundle = try SealedBytes(bytes)
        let place = try bundle.tensor("matrix.proof").data + block
        bundle.bytes[place] = UInt8(claim)
        #expect(try bundle.openingError() == .badNumber(tensor: "matrix.proof", offset: place), "\(claim) for \(run) in \(block)")
      }
    }
  }

  @Test func aModestProofIsBelieved() throws {
    var bundle = try SealedBytes(try BundleWriter.serialize(try Self.contents()))
    let place = try bundle.tensor("matrix.proof").data
    for (block, run) in try proofs().enumerated() { bundle.bytes[place + block] = UInt8(run / 2) }
    #expect(try bundle.openingError() == nil)
  }

  /// Weights that grow under a proof make it wrong.
  @Test func aWeightThatDoesNotFitItsProofIsRefused() throws {
    var bundle = try SealedBytes(try BundleWriter.serialize(try Self.contents()))
    let (proof, data) = (try bundle.tensor("matrix.proof").data, try bundle.tensor("matrix").data)
    let block = try #require(try proofs().firstIndex(of: 8))
    let place = data + block * ((Self.inputs + 3) / 4) * 64 + 64 * 5 + 12
    bundle.bytes.replaceSubrange(place..<place + 2, with: [127, 2])
    #expect(try bundle.openingError() == .badNumber(tensor: "matrix.proof", offset: proof + block))
  }
}
