package import JSONFormat

/// What a set's `dataset.json` tells about it.
package struct DatasetDescription: Equatable, Sendable {
  /// What samples are about.
  package struct Concept: Equatable, Sendable {
    /// In English.
    package var name: String
    /// A sign that stands for it in a report.
    package var symbol: String
    /// Whether it is in no sample of `train`.
    package var isHeldOut: Bool
    /// Texts that tell it, one or more: their embeddings' mean is its class in zero-shot classification.
    package var prompts: [String]

    package init(name: String, symbol: String, isHeldOut: Bool, prompts: [String]) {
      (self.name, self.symbol, self.isHeldOut, self.prompts) = (name, symbol, isHeldOut, prompts)
    }
  }

  /// The samples that lie in the shards `NAME-000000.tar` and so on.
  package struct Split: Equatable, Sendable {
    package var name: String
    package var samples: Int
    package var shards: Int

    package init(name: String, samples: Int, shards: Int) { (self.name, self.samples, self.shards) = (name, samples, shards) }
  }

  static let format = 1

  package var name: String
  /// What the set was made from, with the seed: the same again gives the same bytes.
  package var recipe: [String]
  /// Samples a second of the recordings.
  package var rate: Int
  /// Whether a picture means the same in a mirror.
  package var allowsMirroring: Bool
  package var languages: [String]
  /// In the order of the numbers that samples give.
  package var concepts: [Concept]
  package var splits: [Split]

  package init(
    name: String, recipe: [String], rate: Int, allowsMirroring: Bool, languages: [String], concepts: [Concept], splits: [Split]
  ) {
    (self.name, self.recipe, self.rate, self.allowsMirroring) = (name, recipe, rate, allowsMirroring)
    (self.languages, self.concepts, self.splits) = (languages, concepts, splits)
  }
}

extension DatasetDescription {
  package var json: Json {
    .object([
      Json.Member(key: "format", value: .integer(Self.format)), Json.Member(key: "name", value: .string(name)),
      Json.Member(key: "recipe", value: .array(recipe.map { .string($0) })), Json.Member(key: "rate", value: .integer(rate)),
      Json.Member(key: "allows_mirroring", value: .boolean(allowsMirroring)),
      Json.Member(key: "languages", value: .array(languages.map { .string($0) })),
      Json.Member(key: "splits", value: .array(splits.map(\.json))),
      Json.Member(key: "concepts", value: .array(concepts.map(\.json))),
    ])
  }

  /// - Parameter file: What errors call it.
  package init(parsing bytes: [UInt8], file: String) throws(DatasetError) {
    let json: Json
    do throws(JsonError) { json = try JsonParser.parse(bytes) } catch {
      throw .badDescription(file: file, field: "byte \(error.offset)", expected: error.expected)
    }
    let field = DescriptionField(file: file, path: "", value: json)
    guard case .integer(Self.format) = json["format"] else { throw field["format"].wrong("\(Self.format)") }
    self.init(
      name: try field["name"].text(), recipe: try field["recipe"].texts(), rate: try field["rate"].integer(1...384_000),
      allowsMirroring: try field["allows_mirroring"].boolean(), languages: try field["languages"].texts(),
      concepts: [], splits: [])
    for element in try field["concepts"].elements() { concepts.append(try Concept(element)) }
    for element in try field["splits"].elements() { splits.append(try Split(element)) }
  }
}

extension DatasetDescription.Concept {
  fileprivate var json: Json {
    .object([
      Json.Member(key: "name", value: .string(name)), Json.Member(key: "symbol", value: .string(symbol)),
      Json.Member(key: "held_out", value: .boolean(isHeldOut)),
      Json.Member(key: "prompts", value: .array(prompts.map { .string($0) })),
    ])
  }

  fileprivate init(_ field: DescriptionField) throws(DatasetError) {
    self.init(
      name: try field["name"].text(), symbol: try field["symbol"].text(), isHeldOut: try field["held_out"].boolean(),
      prompts: try field["prompts"].texts())
    guard !prompts.isEmpty else { throw field["prompts"].wrong("a list of at least one text") }
  }
}

extension DatasetDescription.Split {
  fileprivate var json: Json {
    .object([
      Json.Member(key: "name", value: .string(name)), Json.Member(key: "samples", value: .integer(samples)),
      Json.Member(key: "shards", value: .integer(shards)),
    ])
  }

  fileprivate init(_ field: DescriptionField) throws(DatasetError) {
    self.init(
      name: try field["name"].text(), samples: try field["samples"].integer(0...1 << 40),
      shards: try field["shards"].integer(0...999_999))
    guard name.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }) else {
      throw field["name"].wrong("small letters and hyphens")
    }
  }
}

/// A place in the description, which may be absent.
private struct DescriptionField {
  let file: String
  let path: String
  let value: Json?

  subscript(_ key: String) -> DescriptionField {
    DescriptionField(file: file, path: path.isEmpty ? key : path + "." + key, value: value?[key])
  }

  func text() throws(DatasetError) -> String {
    guard case .string(let text) = value, !text.isEmpty else { throw wrong("a text") }
    return text
  }

  func integer(_ range: ClosedRange<Int>) throws(DatasetError) -> Int {
    guard case .integer(let number) = value, range ~= number else { throw wrong("an integer in \(range.lowerBound)...\(range.upperBound)") }
    return number
  }

  func boolean() throws(DatasetError) -> Bool {
    guard case .boolean(let value) = value else { throw wrong("true or false") }
    return value
  }

  func elements() throws(DatasetError) -> [DescriptionField] {
    guard case .array(let values) = value else { throw wrong("a list") }
    return values.enumerated().map { DescriptionField(file: file, path: "\(path)[\($0)]", value: $1) }
  }

  func texts() throws(DatasetError) -> [String] {
    var texts: [String] = []
    for element in try elements() { texts.append(try element.text()) }
    return texts
  }

  func wrong(_ expected: String) -> DatasetError { .badDescription(file: file, field: path, expected: expected) }
}
