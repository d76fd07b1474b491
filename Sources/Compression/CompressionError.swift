package import Autograd
package import ModelGraph

/// Why a model cannot be quantised.
package enum CompressionError: Error, Equatable {
  case interpreter(InterpreterError)
  case noExamples
  case notObserved(tensor: String)
  case notFinite(tensor: String)
  case missingParameter(String)
  case badGraph(GraphError)
}

extension CompressionError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .interpreter(let error): "the float model cannot be computed: \(error)"
    case .noExamples: "there is nothing to calibrate on: give at least one example"
    case .notObserved(let tensor): "no example reached '\(tensor)': calibration wants examples of every modality"
    case .notFinite(let tensor): "'\(tensor)' became infinite or not a number on an example: the float model is broken"
    case .missingParameter(let name): "parameter '\(name)' has no values"
    case .badGraph(let error): "the quantised graph is not sound: \(error)"
    }
  }
}
