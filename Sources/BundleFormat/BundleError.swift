package import ModelGraph

/// Why a bundle was refused, or could not be written. Offsets count bytes from the start of the file.
package enum BundleError: Error, Equatable {
  /// A call to the operating system failed; `number` is its errno.
  case file(operation: String, path: String, number: Int32)
  case notGGUF(found: UInt32)
  /// `what` is the container ("GGUF") or the contents ("tributary.format").
  case unsupportedVersion(what: String, found: UInt32, expected: UInt32)
  /// The file ends inside the field, or before what the field counts.
  case truncated(field: String, offset: Int)
  /// A length, count or number above what a bundle may have.
  case tooLarge(field: String, offset: Int, limit: Int)
  /// A value that its field cannot have.
  case badValue(field: String, offset: Int)
  case duplicate(field: String, offset: Int)
  case missing(field: String)
  /// The key has another GGUF type than a bundle's key of that name.
  case wrongType(field: String, offset: Int)
  /// A `tributary.*` key that this version does not know.
  case unknownKey(String, offset: Int)
  /// A line of an array of strings; `line` counts from 1, `field` is the part that cannot be read.
  case badLine(key: String, line: Int, field: String)
  case wrongCount(field: String, expected: Int, found: Int)
  /// The attribute (name, shape, type or offset) of a tensor differs from what the graph asks for.
  case wrongTensor(name: String, attribute: String, offset: Int)
  case wrongFileSize(expected: Int, found: Int)
  /// The SHA-256 of the header, of a segment's leaves or of a leaf differs from the one written. `offset` is where the part begins: of a
  /// segment the piece that holds the leaf.
  case damaged(part: String, offset: Int)
  /// A number in a tensor that arithmetic does not allow: not finite, out of range, or a sum or proof that does not fit its weights.
  case badNumber(tensor: String, offset: Int)
  case graph(GraphError)
  /// The graph reads one parameter in two layouts, or its name collides with that of a companion.
  case ambiguousParameter(String)
  /// What was given to write does not fit the graph.
  case badContents(field: String, problem: String)
}

extension BundleError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .file(let operation, let path, let number): "cannot \(operation) '\(path)': \(systemMessage(number))"
    case .graph(let error): "the bundle's graph is refused: \(error.description)"
    case .ambiguousParameter(let name): "parameter '\(name)' cannot be laid out: it is used as two kinds, or its name is a companion's"
    case .badContents(let field, let problem): "cannot write \(field): \(problem)"
    case .notGGUF, .unsupportedVersion, .unknownKey: originDescription
    default: "\(damageDescription); re-download or re-export the bundle"
    }
  }

  private var originDescription: String {
    switch self {
    case .notGGUF(let found): "not a GGUF file: it starts with 0x\(String(found, radix: 16)); give a bundle made by tributary-train"
    case .unsupportedVersion(let what, let found, let expected):
      "\(what) version \(found) is not supported, only \(expected): update this program or re-export the bundle"
    case .unknownKey(let key, let offset):
      "key '\(key)' at byte \(offset) is unknown: the bundle is newer than this program, update it"
    default: ""
    }
  }

  private var damageDescription: String {
    switch self {
    case .truncated(let field, let offset): "the file ends too early: '\(field)' at byte \(offset) does not fit"
    case .tooLarge(let field, let offset, let limit): "'\(field)' at byte \(offset) is above the limit of \(limit)"
    case .badValue(let field, let offset): "'\(field)' at byte \(offset) has an impossible value"
    case .duplicate(let field, let offset): "'\(field)' is given a second time at byte \(offset)"
    case .missing(let field): "'\(field)' is missing"
    case .wrongType(let field, let offset): "'\(field)' at byte \(offset) has the wrong type"
    case .badLine(let key, let line, let field): "key '\(key)', line \(line): '\(field)' cannot be read or names nothing"
    case .wrongCount(let field, let expected, let found): "'\(field)' counts \(found), expected \(expected)"
    case .wrongTensor(let name, let attribute, let offset):
      "tensor '\(name)' (described at byte \(offset)) has another \(attribute) than the graph asks for"
    case .wrongFileSize(let expected, let found): "the file has \(found) bytes, expected \(expected)"
    case .damaged(let part, let offset): "\(part) at byte \(offset) is damaged: its SHA-256 differs"
    case .badNumber(let tensor, let offset): "tensor '\(tensor)' has a number out of range at byte \(offset)"
    default: ""
    }
  }
}
