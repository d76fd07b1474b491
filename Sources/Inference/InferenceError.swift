package import BundleFormat

/// Why a model cannot be planned or a request cannot be run.
package enum InferenceError: Error, Equatable {
  /// The graph holds float parameters: only quantised graphs run on the device.
  case notQuantized(tensor: String)
  /// An input or output of a type that the runtime does not serve, or given what it does not take.
  case unsupportedInterface(tensor: String)
  /// A node that reads rows together which a request may bring apart.
  case differentRows(node: String)
  case unknownKernels(String, available: [String])
  case threads(Int)
  case batch(Int, limit: Int)
  case sequence(Int, limit: Int)
  case token(Int32, vocabulary: Int)
  /// The model is no decoder, so that no run of it can be continued.
  case notGenerative
  case byteCount(Int, expected: Int)
  /// A row of features with range 0, which no device writes.
  case badFeatures(row: Int)
  /// A segment whose bytes are not those that the bundle's header names.
  case damaged(BundleError)
  case outOfMemory(bytes: Int)
  /// A thread could not be started, with the system's error number.
  case threadStart(Int32)
}

extension InferenceError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notQuantized(let tensor): "'\(tensor)' is not quantised: import the model with --calibrate"
    case .unsupportedInterface(let tensor): "'\(tensor)' is no input or output that this runtime offers"
    case .differentRows(let node): "'\(node)' reads rows together that a request may bring one without the other: concatenate them"
    case .unknownKernels(let name, let available):
      "no kernels '\(name)' on this processor: choose one of \(available.joined(separator: ", "))"
    case .threads(let count): "\(count) threads asked for: choose 1 to \(ThreadTeam.maximum)"
    case .batch(let count, let limit): "a batch of \(count) requests: the session takes 1 to \(limit)"
    case .sequence(let count, let limit): "a sequence of \(count) positions: the model takes 1 to \(limit)"
    case .token(let token, let vocabulary): "token \(token) lies outside the vocabulary of \(vocabulary)"
    case .notGenerative: "the model is no decoder: its runs cannot be continued"
    case .byteCount(let count, let expected): "\(count) bytes of features or output, expected \(expected)"
    case .badFeatures(let row): "row \(row) of the features has no range"
    case .damaged(let error): error.description
    case .outOfMemory(let bytes): "no memory for an arena of \(bytes) bytes"
    case .threadStart(let number): "a thread could not be started (error \(number))"
    }
  }
}
