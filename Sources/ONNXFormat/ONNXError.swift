package import ModelGraph

/// Why a bundle cannot be written as ONNX.
package enum ONNXError: Error, Equatable {
  /// The graph computes in float: there are no integers to write.
  case notQuantized(tensor: String)
  /// Nothing of the model takes that modality.
  case noModality(Modality, known: [Modality])
  /// One file of Protocol Buffers holds less than 2^31 bytes.
  case tooLarge(bytes: Int)
}

extension ONNXError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notQuantized(let tensor): "tensor '\(tensor)' is not quantised: ONNX is written of bundles that tributary-train import made"
    case .noModality(let modality, let known):
      "the model takes no \(modality.rawValue), "
        + (known.isEmpty ? "its inputs are rows without a modality" : "only \(known.map(\.rawValue).joined(separator: ", "))")
    case .tooLarge(let bytes): "the model takes \(bytes) bytes, and a file of ONNX holds less than \(1 << 31)"
    }
  }
}
