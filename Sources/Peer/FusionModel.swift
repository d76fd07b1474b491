package import Split
package import Wire

/// A model as a peer runs it: from a split point on, or all of it.
package protocol FusionModel: Sendable {
  /// What the bundle says about sizes and split points.
  var contract: BundleContract { get }

  /// The bundle's dictionary for features.
  var dictionary: FeatureDictionary? { get }

  /// Runs the segments behind a split point. Called on one thread, one request at a time.
  ///
  /// - Parameters:
  ///   - split: The split point's index, one of the contract's.
  ///   - sequence: Tokens of the request, 1...`contract.maximumSequence`.
  ///   - present: The graph's inputs that the request brings, a bit each.
  ///   - features: As many bytes as the contract says; their values come from outside and may be any.
  /// - Returns: As many bytes as the contract says.
  /// - Throws: When the segments could not run. The device is told no more than that.
  func run(split: UInt16, sequence: UInt16, present: UInt16, features: [UInt8]) throws(FusionFailure) -> [UInt8]

  /// Prepares raw inputs, whose bytes come from outside and may be any, and runs all of the model.
  ///
  /// - Returns: As many bytes as the contract says, and the tokens of the request.
  func run(_ inputs: RawInputs, present: UInt16) throws(FusionFailure) -> (body: [UInt8], sequence: UInt16)
}

/// Why a model could not run.
package enum FusionFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// The features are of the right size and make no sense to the model.
  case malformedFeatures
  /// The raw inputs cannot be decoded, or are not those that the request says.
  case unsuitableInput
  /// Anything else; the reason goes to the peer's own log.
  case failed(reason: String)

  package var description: String {
    switch self {
    case .malformedFeatures: "the features do not fit the model"
    case .unsuitableInput: "the raw inputs do not suit the model"
    case .failed(let reason): "the model failed: \(reason)"
    }
  }
}
