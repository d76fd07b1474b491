package import ModelGraph

/// Why a graph or an input cannot be computed in float.
package enum InterpreterError: Error, Equatable {
  case notFloat(tensor: String)
  case badParameter(tensor: String, shape: Shape, found: Int?)
  case badInput(tensor: String, expected: Int, found: Int)
  case badSequence(count: Int, limit: Int)
  case badToken(Int32, vocabulary: Int)
  /// A node that reads rows together which an example brings apart.
  case differentRows(node: String)
  /// So many threads cannot be had.
  case threads(Int)
}

extension InterpreterError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notFloat(let tensor): "parameter '\(tensor)' is not float32: only a float graph can be computed here"
    case .badParameter(let tensor, let shape, let found):
      "parameter '\(tensor)' of shape \(shape) was given \(found.map { "\($0) elements" } ?? "no values")"
    case .badInput(let tensor, let expected, let found): "input '\(tensor)' was given \(found) values, expected \(expected)"
    case .badSequence(let count, let limit): "a sequence of \(count) tokens, but the graph takes 1...\(limit)"
    case .badToken(let token, let vocabulary): "token \(token) is outside the vocabulary 0..<\(vocabulary)"
    case .differentRows(let node): "node '\(node)' reads together what an example brings only in part"
    case .threads(let count): "\(count) threads cannot be had: use 1...64"
    }
  }
}
