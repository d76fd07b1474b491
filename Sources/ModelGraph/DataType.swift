/// The element type of a tensor.
package enum DataType: String, Sendable, CaseIterable {
  case int8
  case uint8
  case int16
  case int32
  case float32

  /// Bytes an element.
  package var size: Int {
    switch self {
    case .int8, .uint8: 1
    case .int16: 2
    case .int32, .float32: 4
    }
  }
}
