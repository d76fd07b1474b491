package import BundleFormat
package import Inference
package import ModelGraph
package import Preprocessing
package import Split

/// Why the device cannot do what it was asked.
package enum DeviceError: Error {
  case unreadable(path: String, number: Int32)
  case unwritable(path: String, number: Int32)
  case tooLarge(path: String, limit: Int)
  /// A file of lines without any.
  case noText(path: String)
  case badAddress(String)
  case bundle(path: String, BundleError)
  case inference(InferenceError)
  case tokenizer(TokenizerError)
  /// A picture or a sound that cannot be used; the path, or what it was.
  case media(path: String, MediaError)
  /// The model does not take that, or the bundle does not say how to prepare it.
  case noInput(path: String, Modality)
  /// A request that brings nothing.
  case emptyRequest(takes: [Modality])
  case profile(path: String, ProfileError)
  case unknownSplit(String, available: [String])
  /// A share of the features that the bundle does not know to be enough.
  case unknownRate(available: [Float])
  /// What the request brings reaches nothing behind the split point.
  case nothingCrosses(split: String)
  /// Pixels or samples that are in no file cannot be sent raw.
  case noRawForm
  case tls(TLSSetupError)
  /// No peer gave an answer, and no local answer was wanted.
  case remote(RemoteFailure, peers: [PeerAddress])
}

extension DeviceError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let path, let number): "\(path): cannot be read: \(systemMessage(number))"
    case .unwritable(let path, let number): "\(path): cannot be written: \(systemMessage(number))"
    case .tooLarge(let path, let limit): "\(path): larger than the \(limit) bytes allowed"
    case .noText(let path): "\(path): holds no text: give one entry a line"
    case .badAddress(let text): "'\(text)' is no address: give host:port, as 127.0.0.1:7433 or [::1]:7433"
    case .bundle(_, .file(let operation, let path, let number)):
      "\(path): cannot \(operation) it: \(systemMessage(number))"
    case .bundle(let path, let error): "\(path): \(error.description)"
    case .inference(let error): error.description
    case .tokenizer(let error): error.description
    case .media(let path, let error): "\(path): \(error.description)"
    case .profile(let path, let error): "\(path): \(error.description)"
    case .noInput(let path, let modality): "\(path): this model takes no \(modality.rawValue)"
    case .emptyRequest(let modalities): "nothing to run on: give \(modalities.map { $0.rawValue }.joined(separator: ", "))"
    case .unknownSplit(let name, let available):
      "no split point '\(name)': choose one of \(available.joined(separator: ", "))"
    case .unknownRate(let available) where available.isEmpty: "this bundle has no rate points: leave --share out"
    case .unknownRate(let available): "--share wants one of \(available.map { "\($0)" }.joined(separator: ", ")), or 1"
    case .nothingCrosses(let split): "nothing of this request crosses the split point '\(split)': choose another"
    case .noRawForm: "a raw frame or raw samples are not sent as they are: give a JPEG, PNG or WAV file, or another split point"
    case .tls(let error): error.description
    case .remote(let failure, let peers):
      "\(peers.count == 1 ? "peer" : "peers") \(peers.map { $0.description }.joined(separator: ", ")): \(failure.description) "
        + "(--fallback answers locally instead)"
    }
  }
}
