package import Split
package import Wire

/// A model as a peer runs it: from a split point on, or all of it.
package protocol FusionModel: Sendable {
  /// What the bundle says about sizes and split points.
  var contract: BundleContract { get }

  /// The bundle's dictionary for features.
  var dictionary: FeatureDictionary? { get }

  /// Throws unless the segments behind a split point, one of the contract's, can run on what a request brings.
  func check(_ request: FusionRequest, from split: UInt16) throws(FusionFailure)

  /// Runs the segments behind a split point for several requests together, of which each was checked and has the bits that it has alone.
  /// Called on one thread, one batch at a time, of no more requests than the peer is configured for.
  ///
  /// - Returns: For each request as many bytes as the contract says.
  /// - Throws: When the segments could not run. The devices are told no more than that.
  func run(_ requests: [FusionRequest], from split: UInt16) throws(FusionFailure) -> [[UInt8]]

  /// Prepares the raw inputs of several requests, whose bytes come from outside and may be any, and runs all of the model for them; each
  /// has the bits that it has alone. Called on the same thread, of no more requests at a time.
  ///
  /// - Returns: For each request its answer, or why there is none.
  func run(_ requests: [RawInputs], present: UInt16) -> [Result<WholeAnswer, FusionFailure>]
}

/// What a request brings to the segments behind a split point.
package struct FusionRequest: Sendable {
  /// Tokens of the request, 1...`contract.maximumSequence`.
  package let sequence: UInt16
  /// The graph's inputs that it brings, a bit each.
  package let present: UInt16
  /// As many bytes as the contract says; their values come from outside and may be any.
  package let features: [UInt8]
}

/// What a model makes of raw inputs.
package struct WholeAnswer: Sendable {
  /// As many bytes as the contract says.
  package let body: [UInt8]
  /// Tokens of the request.
  package let sequence: UInt16

  package init(body: [UInt8], sequence: UInt16) {
    self.body = body
    self.sequence = sequence
  }
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
