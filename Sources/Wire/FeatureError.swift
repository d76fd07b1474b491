/// Why a body is not the features that the bundle expects.
package enum FeatureError: Error, Sendable, Hashable, CustomStringConvertible {
  case size(found: Int, expected: Int)
  /// Not a zstd frame, or one that uses reserved bits or a legacy format.
  case notZstd
  /// The compressed frame doesn't tell its content size.
  case unknownContentSize
  case contentSize(found: UInt64, expected: Int)
  case window(found: UInt64, limit: UInt64)
  /// Bytes after the compressed frame, or too few for it.
  case frameSize(found: Int, expected: Int)
  case damaged
  /// The frame was made with a dictionary that is not the bundle's.
  case unknownDictionary
  /// Differences from features that are not at hand.
  case unknownBase
  /// Raw inputs that are not a list of items.
  case malformedInputs
  case outOfMemory

  package var description: String {
    switch self {
    case .size(let found, let expected): "the features are \(found) bytes, and the bundle says \(expected)"
    case .notZstd: "the compressed features are not a plain zstd frame"
    case .unknownContentSize: "the compressed features don't tell their size"
    case .contentSize(let found, let expected): "the compressed features expand to \(found) bytes, and the bundle says \(expected)"
    case .window(let found, let limit): "the compressed features ask for a window of \(found) bytes, over the limit of \(limit)"
    case .frameSize(let found, let expected): "the compressed frame is \(expected) bytes, and the body has \(found)"
    case .damaged: "the compressed features are damaged"
    case .unknownDictionary: "the compressed features want a dictionary that the bundle does not have"
    case .unknownBase: "the features differ from others that are not at hand"
    case .malformedInputs: "the raw inputs are not a list of inputs"
    case .outOfMemory: "there is no memory for a decompressor"
    }
  }
}
