package import BundleFormat
import JSONFormat

/// Reads a WordPiece tokenizer from a Hugging Face directory: `tokenizer.json`, else `vocab.txt` with `tokenizer_config.json`.
struct WordPieceFiles {
  let directory: String
  /// Rows of the model's token table: a token beyond them is refused.
  let vocabulary: Int
  /// Rows of the model's position table: no sequence can be longer.
  let positions: Int

  func read() throws(ImportError) -> TokenizerDescription {
    let json = directory + "/tokenizer.json"
    let text = directory + "/vocab.txt"
    if ModelFile.exists(json) { return try readJson(ModelFile.json(json)) }
    guard ModelFile.exists(text) else { throw .missingFile(directory: directory, names: ["tokenizer.json", "vocab.txt"]) }
    return try readText(text)
  }

  private func readJson(_ root: Field) throws(ImportError) -> TokenizerDescription {
    let model = root["model"]
    try model["type"].expect(.string("WordPiece"))
    try model["continuing_subword_prefix"].expect(.string("##"))
    try model["max_input_chars_per_word"].expect(.integer(100))
    try model["unk_token"].expect(.string("[UNK]"))
    try root["pre_tokenizer"]["type"].expect(.string("BertPreTokenizer"))
    let normalizer = root["normalizer"]
    try normalizer["type"].expect(.string("BertNormalizer"))
    try normalizer["clean_text"].expect(.boolean(true))
    let lowercase = try normalizer["lowercase"].boolean()
    return try description(
      tokens: model["vocab"].vocabulary(), file: root.file, lowercase: lowercase,
      stripAccents: normalizer["strip_accents"].isAbsent ? lowercase : try normalizer["strip_accents"].boolean(),
      splitChinese: try normalizer["handle_chinese_chars"].boolean())
  }

  private func readText(_ path: String) throws(ImportError) -> TokenizerDescription {
    var lines = try ModelFile.text(path).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    let tokens = lines.map { $0.last == UInt8(ascii: "\r") ? [UInt8]($0.dropLast()) : [UInt8]($0) }
    var seen: Set<[UInt8]> = []
    for token in tokens where !seen.insert(token).inserted {
      throw .badVocabulary(file: path, token: String(decoding: token, as: UTF8.self), problem: "stands twice")
    }
    let options = try optional("tokenizer_config.json")
    let lowercase = options["do_lower_case"].isAbsent ? true : try options["do_lower_case"].boolean()
    return try description(
      tokens: tokens, file: path, lowercase: lowercase,
      stripAccents: options["strip_accents"].isAbsent ? lowercase : try options["strip_accents"].boolean(),
      splitChinese: options["tokenize_chinese_chars"].isAbsent ? true : try options["tokenize_chinese_chars"].boolean())
  }

  private func description(
    tokens: [[UInt8]], file: String, lowercase: Bool, stripAccents: Bool, splitChinese: Bool
  ) throws(ImportError) -> TokenizerDescription {
    guard tokens.count <= vocabulary else {
      throw .badVocabulary(
        file: file, token: String(decoding: tokens[vocabulary], as: UTF8.self),
        problem: "is number \(vocabulary), but the model knows \(vocabulary) tokens")
    }
    func identifier(_ token: String) throws(ImportError) -> Int32 {
      guard let index = tokens.firstIndex(of: Array(token.utf8)) else {
        throw .badVocabulary(file: file, token: token, problem: "is missing")
      }
      return Int32(index)
    }
    let sentence = try optional("sentence_bert_config.json")
    let lowercaseFirst = sentence["do_lower_case"].isAbsent ? false : try sentence["do_lower_case"].boolean()
    return TokenizerDescription(
      tokens: tokens, lowercase: lowercase || lowercaseFirst, stripAccents: stripAccents, splitChinese: splitChinese,
      unknown: try identifier("[UNK]"), classify: try identifier("[CLS]"), separate: try identifier("[SEP]"),
      pad: try identifier("[PAD]"),
      maximumTokens: sentence["max_seq_length"].isAbsent ? positions : try sentence["max_seq_length"].integer(2...positions))
  }

  /// The root of a JSON file that may be absent: then all its fields are.
  private func optional(_ name: String) throws(ImportError) -> Field {
    let path = directory + "/" + name
    return ModelFile.exists(path) ? try ModelFile.json(path) : Field(file: path, path: "", value: nil)
  }
}

extension TokenizerDescription {
  /// The WordPiece tokenizer of a directory as Hugging Face publish models; `longest` is the most tokens of a text.
  package init(directory: String, longest: Int) throws(ImportError) {
    self = try WordPieceFiles(directory: directory, vocabulary: Self.most, positions: 65535).read()
    options.maximumTokens = longest
  }

  /// Writes `vocab.txt`, `tokenizer_config.json` and `sentence_bert_config.json`, which this and `transformers` read.
  func write(to directory: String, longest: Int) throws(BundleError) {
    let options: [Json.Member] = [
      .init(key: "tokenizer_class", value: .string("BertTokenizer")), .init(key: "model_max_length", value: .integer(longest)),
      .init(key: "do_lower_case", value: .boolean(options.lowercase)), .init(key: "strip_accents", value: .boolean(options.stripAccents)),
      .init(key: "tokenize_chinese_chars", value: .boolean(options.splitChinese)),
    ]
    let lengths = Json.object([.init(key: "max_seq_length", value: .integer(longest))])
    try NewFile.write(Array(tokens.joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")], to: directory + "/vocab.txt")
    try ModelFile.write(.object(options), to: directory + "/tokenizer_config.json")
    try ModelFile.write(lengths, to: directory + "/sentence_bert_config.json")
  }

  /// Tokens that a vocabulary may have.
  private static var most: Int { 1 << 22 }
}
