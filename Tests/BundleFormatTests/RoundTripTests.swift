import Foundation
import ModelGraph
import Testing

import BundleFormat

@Suite struct RoundTripTests {
  private func written(_ contents: BundleContents) throws -> (TestFile, ModelBundle) {
    let file = try TestFile()
    try BundleWriter.write(contents, to: file.path)
    return (file, try ModelBundle(path: file.path))
  }

  @Test func everythingComesBack() throws {
    let contents = try SampleModel.contents()
    let (_, bundle) = try written(contents)
    #expect(bundle.graph == contents.graph)
    #expect(bundle.name == "tiny")
    #expect(bundle.notes == SampleModel.notes)
    #expect(bundle.tokenizer == SampleModel.tokenizer.options)
    #expect(bundle.tokenCount == 9)
    var tokens: [[UInt8]] = []
    bundle.forEachToken { token in tokens.append(token.array(token.indices)) }
    #expect(tokens == SampleModel.tokenizer.tokens)
  }

  @Test func aLocalSegmentComesBack() throws {
    let contents = try SampleModel.contents(withLocalPath: true)
    let (_, bundle) = try written(contents)
    #expect(bundle.graph == contents.graph && bundle.graph.segments.last?.role == .local)
    for (old, new) in [("role=local", "role=lokal"), ("role=local", "rule=local"), ("role=local", "role=main ")] {
      var bytes = try SealedBytes(try BundleWriter.serialize(contents))
      try bytes.replace(old, with: new)
      let error = try #require(try bytes.openingError())
      #expect("\(error)".contains("line 4"))
    }
  }

  @Test func everyParameterComesBack() throws {
    let contents = try SampleModel.contents()
    let (_, bundle) = try written(contents)
    let matrices = Set(contents.graph.nodes.filter { $0.operation == .linear }.map { $0.parameters[0] })
    for (id, data) in contents.parameters {
      let view = bundle.parameter(id)
      #expect(UInt(bitPattern: view.values.baseAddress) % 64 == 0)
      switch data {
      case .float32(let values): #expect(Array(view.values.bindMemory(to: Float.self)) == values)
      case .int8Rows(let values, let scales):
        #expect(Array(UnsafeBufferPointer(start: view.scales, count: scales.count)) == scales)
        let stored = Array(view.values.bindMemory(to: Int8.self))
        if matrices.contains(id) {
          expectBlocked(stored, sums: view.sums, values: values, outputs: scales.count)
        } else {
          #expect(stored == values)
          #expect(view.sums == nil)
        }
      }
    }
  }

  /// Reads the blocked layout by its definition, element by element.
  private func expectBlocked(_ stored: [Int8], sums: UnsafePointer<Int32>?, values: [Int8], outputs: Int) {
    let inputs = values.count / outputs
    let depth = (inputs + 3) / 4
    #expect(stored.count == (outputs + 15) / 16 * 16 * depth * 4)
    let found = (0..<values.count).map { place in
      let (n, k) = (place / inputs, place % inputs)
      return stored[((n / 16 * depth + k / 4) * 16 + n % 16) * 4 + k % 4]
    }
    #expect(found == values)
    #expect(stored.reduce(0) { $0 + Int($1) } == values.reduce(0) { $0 + Int($1) }, "what fills the blocks is zero")
    let rows = (0..<outputs).map { row in values[row * inputs..<(row + 1) * inputs].reduce(0) { $0 + Int32($1) } }
    #expect(Array(UnsafeBufferPointer(start: sums, count: outputs)) == rows)
  }

  @Test func aFloatModelComesBack() throws {
    let graph = try SampleModel.floatGraph()
    let parameters = SampleModel.parameters(of: graph)
    let (_, bundle) = try written(BundleContents(name: "float", graph: graph, parameters: parameters))
    #expect(bundle.graph == graph)
    #expect(bundle.tokenizer == nil)
    for (id, data) in parameters {
      guard case .float32(let values) = data else { continue }
      #expect(Array(bundle.parameter(id).values.bindMemory(to: Float.self)) == values)
      #expect(bundle.parameter(id).scales == nil)
    }
  }

  @Test func writingIsDeterministicAndReplacesTheFile() throws {
    let contents = try SampleModel.contents()
    let (file, bundle) = try written(contents)
    try BundleWriter.write(contents, to: file.path)
    #expect(try ModelBundle(path: file.path).hash == bundle.hash)
    #expect(try FileManager.default.contentsOfDirectory(atPath: file.folder.path) == ["model.gguf"])
  }

  @Test func segmentsStartAtPagesAndTheirHashesAreThoseOfTheirBytes() throws {
    let (file, bundle) = try written(try SampleModel.contents())
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file.path)))
    var end: Int?
    for index in bundle.graph.segments.indices {
      let range = bundle.range(ofSegment: index)
      #expect(range.lowerBound % 4096 == 0)
      #expect(end == nil || end == range.lowerBound)
      end = range.upperBound
      #expect(SegmentHash(of: bytes.span.extracting(range)).root == bundle.segmentHashes[index].root)
    }
    #expect(end == bytes.count)
    #expect(bundle.graph.segments.map { bundle.byteCount(of: $0) } == [4096, 4096, 0])
    #expect(bundle.byteCount == bytes.count)
  }

  @Test func anUnverifiedBundleIsVerifiedSegmentBySegment() throws {
    let (file, whole) = try written(try SampleModel.contents())
    let layer = whole.range(ofSegment: 1)
    try file.overwrite([0x55], at: layer.lowerBound + 3)
    let bundle = try ModelBundle(unverified: file.path)
    try bundle.verify(segment: 0)
    try bundle.verify(segment: 2)
    #expect(throws: BundleError.damaged(part: "segment 'layer'", offset: layer.lowerBound)) { try bundle.verify(segment: 1) }
    #expect(throws: BundleError.self) { try ModelBundle(path: file.path) }
  }
}
