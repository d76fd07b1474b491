import BundleFormat
import JSONFormat

extension HuggingFaceModel {
  /// A BERT sentence encoder, with its tokenizer in `tokenizer.json` or `vocab.txt`; where they exist the files of sentence-transformers
  /// tell the pooling and the longest text.
  static func bert(_ directory: ModelDirectory, maximumTokens: Int?) throws(ImportError) -> HuggingFaceModel {
    let configuration = try BertConfiguration(directory.configuration)
    try checkPooling(directory)
    var tokenizer = try WordPieceFiles(
      directory: directory.path, vocabulary: configuration.vocabulary, positions: configuration.positions
    ).read()
    tokenizer.options.maximumTokens = try directory.tokens(
      maximumTokens ?? tokenizer.options.maximumTokens, positions: configuration.positions)
    var encoder = EncoderBuilder()
    let embedding = encoder.bert(configuration)
    let model = try HuggingFaceModel(
      encoder, outputs: [embedding], checkpoint: directory.checkpoint(canonical: canonical),
      sequence: tokenizer.options.maximumTokens, isUnused: isUnused)
    return model.with(tokenizer: tokenizer)
  }

  /// `bert.embeddings.LayerNorm.gamma` is `embeddings.LayerNorm.weight`.
  private static func canonical(_ name: String) -> String {
    let stem = name.hasPrefix("bert.") ? String(name.dropFirst(5)) : name
    if stem.hasSuffix(".LayerNorm.gamma") { return stem.dropLast(5) + "weight" }
    if stem.hasSuffix(".LayerNorm.beta") { return stem.dropLast(4) + "bias" }
    return stem
  }

  /// Tensors that sentence embeddings do not use: buffers and the heads of the pretraining.
  private static func isUnused(_ name: String) -> Bool {
    name == "embeddings.position_ids" || name.hasPrefix("pooler.") || name.hasPrefix("cls.")
  }

  private static func checkPooling(_ directory: ModelDirectory) throws(ImportError) {
    let root = try directory.optional("1_Pooling/config.json")
    try root["pooling_mode_mean_tokens"].expect(.boolean(true))
    for other in ["cls_token", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken"] {
      try root["pooling_mode_" + other].expect(.boolean(false))
    }
  }
}
