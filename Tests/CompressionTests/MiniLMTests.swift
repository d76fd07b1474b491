import Autograd
import BundleFormat
import ModelGraph
import Models
import Testing

/// The import and the float interpreter against transformers, on the real model.
@Test(.enabled(if: GoldenEmbeddings.model != nil)) func miniLMEqualsTransformers() throws {
  let golden = try GoldenEmbeddings()
  let model = try HuggingFaceModel(directory: try #require(GoldenEmbeddings.model))
  #expect(model.graph.splitPoints.map(\.name) == ["embeddings"] + (0..<6).map { "encoder.\($0)" })
  #expect(model.tokenizer.tokens.count == 30522 && model.tokenizer.options.maximumTokens == 256)
  let interpreter = try FloatInterpreter(graph: model.graph, parameters: model.parameters)
  var worst: Float = 0
  for (tokens, expected) in zip(golden.tokens, golden.embeddings) {
    let embedding = try interpreter.run(tokens: tokens).values
    worst = max(worst, zip(embedding, expected).map { abs($0 - $1) }.max() ?? 1)
  }
  // The golden values are rounded to at most 5e-6.
  #expect(worst < 1e-5, "\(worst)")
}
