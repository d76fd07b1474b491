package import BundleFormat
package import ModelGraph

/// A text encoder from a Hugging Face directory: `config.json`, `model.safetensors`, `tokenizer.json` or `vocab.txt`, and where they exist
/// the files of sentence-transformers, which tell the pooling and the longest text.
package struct HuggingFaceModel: Sendable {
  package let configuration: BertConfiguration
  /// In float; the limit of the sequence is the tokenizer's, one text a request.
  package let graph: Graph
  /// Row-major values of every parameter of the graph.
  package let parameters: [TensorID: [Float]]
  package let tokenizer: TokenizerDescription

  /// Reads and checks the directory. `maximumTokens` overrides the longest text, within the model's positions.
  package init(directory: String, maximumTokens: Int? = nil) throws(ImportError) {
    let configuration = try BertConfiguration(path: directory + "/config.json")
    try Self.checkPooling(directory + "/1_Pooling/config.json")
    var tokenizer = try WordPieceFiles(directory: directory, vocabulary: configuration.vocabulary, positions: configuration.positions)
      .read()
    if let maximumTokens { tokenizer.options.maximumTokens = maximumTokens }
    guard (2...configuration.positions).contains(tokenizer.options.maximumTokens) else {
      throw .badField(
        file: directory, field: "maximum tokens", expected: "an integer in 2...\(configuration.positions)",
        found: "\(tokenizer.options.maximumTokens)")
    }
    let graph = try Self.graph(configuration, sequence: tokenizer.options.maximumTokens)
    let checkpoint = try BertCheckpoint(Safetensors(path: directory + "/model.safetensors"))
    self.parameters = try checkpoint.parameters(of: graph, tokenTypes: configuration.tokenTypes)
    self.configuration = configuration
    self.graph = graph
    self.tokenizer = tokenizer
  }

  private static func graph(_ configuration: BertConfiguration, sequence: Int) throws(ImportError) -> Graph {
    var builder = GraphBuilder()
    let embedding = bertEncoder(into: &builder, configuration)
    do throws(GraphError) {
      return try builder.build(outputs: [embedding], limits: Limits(batch: 1, sequence: sequence))
    } catch {
      throw .badGraph(error)
    }
  }

  private static func checkPooling(_ path: String) throws(ImportError) {
    guard ModelFile.exists(path) else { return }
    let root = try ModelFile.json(path)
    try root["pooling_mode_mean_tokens"].expect(.boolean(true))
    for other in ["cls_token", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken"] {
      try root["pooling_mode_" + other].expect(.boolean(false))
    }
  }
}
