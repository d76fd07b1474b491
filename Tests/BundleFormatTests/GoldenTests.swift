import Foundation
import ModelGraph
import Testing

import BundleFormat

/// `tiny-1.gguf`, `tiny-2.gguf` and `tiny-3.gguf` were written once, by formats 1 to 3, from `SampleModel`. They must stay readable,
/// whatever later versions write.
@Suite struct GoldenTests {
  @Test(arguments: ["tiny-1.gguf", "tiny-2.gguf", "tiny-3.gguf"]) func everyFormatStaysReadable(name: String) throws {
    let contents = try SampleModel.contents()
    let file = try TestFile(try golden(name))
    let bundle = try ModelBundle(path: file.path)
    #expect(bundle.graph == contents.graph)
    #expect(bundle.tokenizer == SampleModel.tokenizer.options)
    #expect(bundle.notes == SampleModel.notes)
    let id = try #require(bundle.graph.parameters.first { bundle.graph[$0].name == "norm.shift" })
    #expect(Array(bundle.parameter(id).values.bindMemory(to: Float.self)) == [-1, -0.875, -0.75, -0.625, -0.5, -0.375, -0.25, -0.125])
  }

  @Test func onlyTheFirstFormatLacksProofs() throws {
    for (name, hasProofs) in [("tiny-1.gguf", false), ("tiny-2.gguf", true), ("tiny-3.gguf", true)] {
      let file = try TestFile(try golden(name))
      let bundle = try ModelBundle(path: file.path)
      for id in bundle.graph.parameters where bundle.parameter(id).sums != nil {
        #expect((bundle.parameter(id).proofs != nil) == hasProofs)
      }
    }
  }

  @Test func theWriterWritesTheLastGoldenFile() throws {
    #expect(try BundleWriter.serialize(try SampleModel.contents()) == golden("tiny-3.gguf"))
  }

  /// Writes the golden file of a new format: `TRIBUTARY_GOLDEN=<path>`.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["TRIBUTARY_GOLDEN"] != nil))
  func writeGolden() throws {
    try BundleWriter.write(try SampleModel.contents(), to: try #require(ProcessInfo.processInfo.environment["TRIBUTARY_GOLDEN"]))
  }
}
