package import BundleFormat
package import Models

/// Why the state of a training cannot be kept or taken up again.
package enum TrainingError: Error, Equatable {
  case unwritable(BundleError)
  case unreadable(ImportError)
  /// The file does not say what this program needs to go on.
  case badState(file: String, field: String, problem: String)
}

extension TrainingError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unwritable(let error): "\(error)"
    case .unreadable(let error): "\(error)"
    case .badState(let file, let field, let problem): "\(file) cannot be gone on from: '\(field)' \(problem)"
    }
  }
}
