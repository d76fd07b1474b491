/// A JSON value (RFC 8259).
package enum Json: Equatable, Sendable {
  case null
  case boolean(Bool)
  /// A number written without fraction and exponent that fits.
  case integer(Int)
  case number(Double)
  case string(String)
  case array([Json])
  /// In the order of the file; no key stands twice.
  case object([Member])

  package struct Member: Equatable, Sendable {
    package let key: String
    package let value: Json

    package init(key: String, value: Json) {
      self.key = key
      self.value = value
    }
  }

  /// The member of that key; nil where there is none or this is no object.
  package subscript(_ key: String) -> Json? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }
}
