package import BundleFormat
package import Inference
package import Preprocessing
package import Split

/// Why the device cannot do what it was asked.
package enum DeviceError: Error {
  case unreadable(path: String, number: Int32)
  case tooLarge(path: String, limit: Int)
  /// A file of lines without any.
  case noText(path: String)
  case badAddress(String)
  case bundle(path: String, BundleError)
  case inference(InferenceError)
  case tokenizer(TokenizerError)
  /// The bundle has no tokenizer, so it takes no text.
  case noTokenizer(path: String)
  case unknownSplit(String, available: [String])
  /// The peer gave no answer, and no local answer was wanted.
  case remote(RemoteFailure, address: PeerAddress)
}

extension DeviceError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let path, let number): "\(path): cannot be read: \(systemMessage(number))"
    case .tooLarge(let path, let limit): "\(path): larger than the \(limit) bytes allowed"
    case .noText(let path): "\(path): holds no text: give one entry a line"
    case .badAddress(let text): "'\(text)' is no address: give host:port, as 127.0.0.1:7433 or [::1]:7433"
    case .bundle(_, .file(let operation, let path, let number)):
      "\(path): cannot \(operation) it: \(systemMessage(number))"
    case .bundle(let path, let error): "\(path): \(error.description)"
    case .inference(let error): error.description
    case .tokenizer(let error): error.description
    case .noTokenizer(let path): "\(path): has no tokenizer, so it takes no text"
    case .unknownSplit(let name, let available):
      "no split point '\(name)': choose one of \(available.joined(separator: ", "))"
    case .remote(let failure, let address):
      "peer \(address.host):\(address.port): \(failure.description) (--fallback answers locally instead)"
    }
  }
}
