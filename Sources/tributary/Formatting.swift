import BundleFormat

/// A number with that many decimals (0 to 9), rounded half away from zero.
func fixed(_ value: Double, decimals: Int) -> String {
  var text: [UInt8] = []
  text.append(value, decimals: decimals)
  return String(decoding: text, as: UTF8.self)
}

/// The text at the right of a column of that width.
func padded(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.unicodeScalars.count)) + text }

/// The text at the left of a column of that width.
func leading(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.unicodeScalars.count)) }

/// The texts with a separator between them.
func joined(_ texts: [String], _ separator: String) -> String {
  var text = ""
  for (index, part) in texts.enumerated() { text += (index == 0 ? "" : separator) + part }
  return text
}

/// Lower-case hexadecimal digits.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  var text: [UInt8] = []
  for byte in bytes { text.append(hexadecimal: byte) }
  return String(decoding: text, as: UTF8.self)
}

/// The bits of numbers, eight digits each.
func hexadecimal(bits numbers: [Float]) -> String {
  var text: [UInt8] = []
  text.reserveCapacity(8 * numbers.count)
  for number in numbers {
    for shift in stride(from: UInt32(24), through: 0, by: -8) {
      text.append(hexadecimal: UInt8(truncatingIfNeeded: number.bitPattern >> shift))
    }
  }
  return String(decoding: text, as: UTF8.self)
}

/// As "22.7 MB".
func megabytes(_ bytes: Int) -> String { fixed(Double(bytes) / 1e6, decimals: 1) + " MB" }

/// ASCII text.
extension [UInt8] {
  mutating func append(hexadecimal byte: UInt8) {
    append(Digest.digit(byte >> 4))
    append(Digest.digit(byte & 15))
  }

  /// Appends the value rounded to that many decimals, "inf" from 1e9.
  mutating func append(_ value: Double, decimals: Int) {
    var power: Int64 = 1
    for _ in 0..<decimals { power *= 10 }
    let isHuge = !(value.magnitude < 1e9)
    let scaled = isHuge ? .max : Int64((value.magnitude * Double(power)).rounded())
    if value < 0, scaled > 0 { append(UInt8(ascii: "-")) }
    guard !isHuge else { return self += "inf".utf8 }
    append(decimal: scaled / power)
    guard decimals > 0 else { return }
    append(UInt8(ascii: "."))
    append(decimal: scaled % power, digits: decimals)
  }

  /// Appends a number ≥ 0 with zeros before it up to that many digits.
  private mutating func append(decimal number: Int64, digits: Int = 1) {
    let start = count
    var rest = number
    repeat {
      append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0 || count - start < digits
    self[start...].reverse()
  }
}
