package import Split

/// The part of a model that runs on the peer: everything behind a split point.
package protocol FusionModel: Sendable {
  /// What the bundle says about sizes and split points.
  var contract: BundleContract { get }

  /// Runs the segments behind a split point. Called on one thread, one request at a time.
  ///
  /// - Parameters:
  ///   - split: The split point's index, one of the contract's.
  ///   - sequence: Rows in the features, 1...`contract.maximumSequence`.
  ///   - features: As many bytes as the contract says; their values come from outside and may be any.
  /// - Returns: As many bytes as the contract says.
  /// - Throws: When the segments could not run. The device is told no more than that.
  func run(split: UInt16, sequence: UInt16, features: [UInt8]) throws(FusionFailure) -> [UInt8]
}

/// Why a model could not run.
package enum FusionFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// The features are of the right size and make no sense to the model.
  case malformedFeatures
  /// Anything else; the reason goes to the peer's own log.
  case failed(reason: String)

  package var description: String {
    switch self {
    case .malformedFeatures: "the features do not fit the model"
    case .failed(let reason): "the model failed: \(reason)"
    }
  }
}
