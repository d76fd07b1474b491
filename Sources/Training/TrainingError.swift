package import Autograd
package import BundleFormat
package import Models

/// Why a training cannot go on, or its state not be kept or taken up again.
package enum TrainingError: Error, Equatable {
  /// A batch does not fit the graph.
  case badBatch(InterpreterError)
  case diverged(Divergence)
  case unwritable(BundleError)
  case unreadable(ImportError)
  /// The file does not say what this program needs to go on.
  case badState(file: String, field: String, problem: String)
}

extension TrainingError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .badBatch(let error): "\(error)"
    case .diverged(let divergence): "\(divergence)"
    case .unwritable(let error): "\(error)"
    case .unreadable(let error): "\(error)"
    case .badState(let file, let field, let problem): "\(file) cannot be gone on from: '\(field)' \(problem)"
    }
  }
}
