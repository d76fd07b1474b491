package import ModelGraph
package import TOMLFormat

/// Why a model's files were refused. `file` is the path as given; offsets are bytes from the file's start.
package enum ImportError: Error, Equatable {
  case unreadable(file: String, reason: String)
  case tooLarge(file: String, bytes: Int, limit: Int)
  /// None of the files that could hold this is in the directory.
  case missingFile(directory: String, names: [String])
  case badJson(file: String, offset: Int, expected: String)
  case badTOML(file: String, TOMLError)
  case missingField(file: String, field: String)
  /// `found` is cut to 40 characters.
  case badField(file: String, field: String, expected: String, found: String)
  case badVocabulary(file: String, token: String, problem: String)
  /// The safetensors header as a whole.
  case badHeader(file: String, problem: String)
  /// One tensor of a safetensors file.
  case badTensor(file: String, tensor: String, field: String, problem: String)
  case missingTensor(file: String, tensor: String)
  case unexpectedTensor(file: String, tensor: String)
  case badGraph(GraphError)
}

extension ImportError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)"
    case .tooLarge(let file, let bytes, let limit): "\(file) has \(bytes) bytes, more than the \(limit) allowed"
    case .missingFile(let directory, let names): "\(directory) holds no \(names.joined(separator: " or "))"
    case .badJson(let file, let offset, let expected): "\(file) is not valid JSON: at byte \(offset), expected \(expected)"
    case .badTOML(let file, let error): "\(file), \(error.description)"
    case .missingField(let file, let field): "\(file): field '\(field)' is missing"
    case .badField(let file, let field, let expected, let found): "\(file): field '\(field)' is \(found), expected \(expected)"
    case .badVocabulary(let file, let token, let problem): "\(file): token '\(token)' \(problem)"
    case .badHeader(let file, let problem): "\(file) is not a sound safetensors file: \(problem)"
    case .badTensor(let file, let tensor, let field, let problem): "\(file): tensor '\(tensor)', field '\(field)': \(problem)"
    case .missingTensor(let file, let tensor): "\(file): tensor '\(tensor)' is missing: config.json describes another model"
    case .unexpectedTensor(let file, let tensor):
      "\(file): tensor '\(tensor)' has no place in the model that config.json describes; nothing would compute with it"
    case .badGraph(let error): "the model's sizes make no sound graph: \(error)"
    }
  }
}
