import BundleFormat
import JSONFormat

/// Reads CLIP's byte-pair tokenizer from a Hugging Face directory: `tokenizer.json`, else `vocab.json` with `merges.txt`.
struct BytePairFiles {
  private static let start = "<|startoftext|>"
  private static let end = "<|endoftext|>"

  let directory: ModelDirectory
  /// Rows of the model's token table: a token beyond them is refused.
  let vocabulary: Int

  func read(maximumTokens: Int) throws(ImportError) -> BytePairDescription {
    let json = directory.path + "/tokenizer.json"
    let list = directory.path + "/vocab.json"
    if ModelFile.exists(json) { return try readJson(ModelFile.json(json), maximumTokens) }
    guard ModelFile.exists(list) else { throw .missingFile(directory: directory.path, names: ["tokenizer.json", "vocab.json"]) }
    return try description(try ModelFile.json(list), merges: readMerges(), maximumTokens)
  }

  private func readJson(_ root: Field, _ maximumTokens: Int) throws(ImportError) -> BytePairDescription {
    let model = root["model"]
    try model["type"].expect(.string("BPE"))
    guard !model["end_of_word_suffix"].isAbsent else { throw .missingField(file: root.file, field: "model.end_of_word_suffix") }
    try model["end_of_word_suffix"].expect(.string("</w>"))
    try model["continuing_subword_prefix"].expect(.string(""))
    var merges: [[UInt8]] = []
    for element in try model["merges"].elements() { merges.append(try merge(model["merges"].with(element))) }
    return try description(model["vocab"], merges: merges, maximumTokens)
  }

  /// Two pieces, in one text or in a list.
  private func merge(_ field: Field) throws(ImportError) -> [UInt8] {
    guard case .array(let pieces)? = field.value else { return try checked(Array(try field.string().utf8)[...], file: field.file) }
    guard pieces.count == 2 else { throw field.wrong("pairs") }
    let texts = [try field.with(pieces[0]).string(), try field.with(pieces[1]).string()]
    return try checked(Array(texts.joined(separator: " ").utf8)[...], file: field.file)
  }

  private func readMerges() throws(ImportError) -> [[UInt8]] {
    let path = directory.path + "/merges.txt"
    var merges: [[UInt8]] = []
    for line in try ModelFile.text(path).split(separator: UInt8(ascii: "\n")) where !line.starts(with: "#version".utf8) {
      merges.append(try checked(line.last == UInt8(ascii: "\r") ? line.dropLast() : line, file: path))
    }
    return merges
  }

  private func checked(_ merge: ArraySlice<UInt8>, file: String) throws(ImportError) -> [UInt8] {
    guard BytePairDescription.isMerge(merge) else {
      throw .badVocabulary(file: file, token: String(decoding: merge.prefix(40), as: UTF8.self), problem: "is no merge of two pieces")
    }
    return Array(merge)
  }

  private func description(_ field: Field, merges: [[UInt8]], _ maximumTokens: Int) throws(ImportError) -> BytePairDescription {
    let tokens = try field.vocabulary()
    guard tokens.count <= vocabulary else {
      throw .badVocabulary(
        file: field.file, token: String(decoding: tokens[vocabulary], as: UTF8.self),
        problem: "is number \(vocabulary), but the model knows \(vocabulary) tokens")
    }
    func identifier(_ token: String) throws(ImportError) -> Int32 {
      guard let index = tokens.firstIndex(of: Array(token.utf8)) else {
        throw .badVocabulary(file: field.file, token: token, problem: "is missing")
      }
      return Int32(index)
    }
    return BytePairDescription(
      tokens: tokens, merges: merges,
      options: BytePairOptions(start: try identifier(Self.start), end: try identifier(Self.end), maximumTokens: maximumTokens))
  }
}

extension Field {
  /// An object of tokens with their identifiers, as a list in the order of these: 0 ..< count, each once.
  func vocabulary() throws(ImportError) -> [[UInt8]] {
    let members = try members()
    var tokens = [[UInt8]?](repeating: nil, count: members.count)
    for member in members {
      guard case .integer(let identifier) = member.value, tokens.indices.contains(identifier), tokens[identifier] == nil else {
        throw .badVocabulary(
          file: file, token: member.key,
          problem: "has the identifier \(member.value.summary): identifiers must be 0...\(members.count - 1), each once")
      }
      tokens[identifier] = Array(member.key.utf8)
    }
    return tokens.compactMap(\.self)
  }
}
