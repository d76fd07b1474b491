/// Reads one line of a bundle's text: fields separated by single spaces. Errors name the key, the line and the field.
package struct LineReader {
  private let text: [UInt8]
  private let key: String
  private let line: Int
  private var position = 0

  package init(_ text: [UInt8], key: String, line: Int) {
    self.text = text
    self.key = key
    self.line = line
  }

  package func error(_ field: String) -> BundleError { .badLine(key: key, line: line, field: field) }

  package var isAtEnd: Bool { position == text.count }

  /// The next field, not empty, up to a space or the end.
  package mutating func word(_ field: String) throws(BundleError) -> ArraySlice<UInt8> {
    let end = text[position...].firstIndex(of: UInt8(ascii: " ")) ?? text.count
    let word = text[position..<end]
    guard !word.isEmpty, end != text.count - 1 else { throw error(field) }
    position = min(end + 1, text.count)
    return word
  }

  package mutating func string(_ field: String) throws(BundleError) -> String {
    String(decoding: try word(field), as: UTF8.self)
  }

  /// What follows `label=` in the next field.
  package mutating func labelled(_ label: String) throws(BundleError) -> ArraySlice<UInt8> {
    let word = try word(label)
    guard word.starts(with: label.utf8), word.dropFirst(label.utf8.count).first == UInt8(ascii: "=") else { throw error(label) }
    return word.dropFirst(label.utf8.count + 1)
  }

  /// `label=` and a decimal number.
  package mutating func number(_ label: String) throws(BundleError) -> Int {
    guard let number = Int(decimal: try labelled(label)) else { throw error(label) }
    return number
  }

  /// `label=` and a list separated by commas.
  package mutating func list(_ label: String) throws(BundleError) -> [ArraySlice<UInt8>] {
    try labelled(label).split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
  }

  /// Whether the next field starts with `label=`.
  package func continues(with label: String) -> Bool { text[position...].starts(with: (label + "=").utf8) }

  /// Refuses a line that goes on.
  package func end() throws(BundleError) {
    guard isAtEnd else { throw error("end of line") }
  }
}

extension Int {
  /// A decimal number without sign or leading zeros; nil also where it leaves `Int`.
  package init?(decimal text: ArraySlice<UInt8>) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard !text.isEmpty, text.allSatisfy(digits.contains), text.count == 1 || text.first != UInt8(ascii: "0") else { return nil }
    var value = 0
    for digit in text {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(digit - digits.lowerBound))
      guard !overflow, !carry else { return nil }
      value = sum
    }
    self = value
  }
}
