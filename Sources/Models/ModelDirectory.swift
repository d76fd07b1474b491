/// A directory as Hugging Face and timm publish models: what its files say, as far as several kinds of models share it.
struct ModelDirectory {
  let path: String
  /// The root of `config.json`.
  let configuration: Field

  init(_ path: String) throws(ImportError) {
    self.path = path
    configuration = try ModelFile.json(path + "/config.json")
  }

  /// The root of a JSON file that may be absent: then all its fields are.
  func optional(_ name: String) throws(ImportError) -> Field {
    let file = path + "/" + name
    return ModelFile.exists(file) ? try ModelFile.json(file) : Field(file: file, path: "", value: nil)
  }

  func checkpoint(canonical: (String) -> String = { $0 }) throws(ImportError) -> Checkpoint {
    try Checkpoint(Safetensors(path: path + "/model.safetensors"), canonical: canonical)
  }

  /// The same, with names without a prefix that the tensors of a model with a head have.
  func checkpoint(without prefix: String) throws(ImportError) -> Checkpoint {
    try checkpoint { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }
  }

  /// The longest text, which must have its position.
  func tokens(_ count: Int, positions: Int) throws(ImportError) -> Int {
    guard (2...positions).contains(count) else {
      throw .badField(file: path, field: "maximum tokens", expected: "an integer in 2...\(positions)", found: "\(count)")
    }
    return count
  }

  /// `id2label` of `config.json`, `count` labels; none where it is absent.
  func labels(count: Int) throws(ImportError) -> [String] {
    let field = configuration["id2label"]
    guard !field.isAbsent else { return [] }
    let members = try field.members()
    guard members.count == count else { throw field.wrong("an object of \(count): the classifier has as many outputs") }
    var labels: [String] = []
    for number in 0..<count { labels.append(try field["\(number)"].string()) }
    return labels
  }
}
