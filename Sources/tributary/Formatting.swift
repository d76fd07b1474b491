/// A number with that many decimals (0 to 9), rounded half away from zero.
func fixed(_ value: Double, decimals: Int) -> String {
  guard value.magnitude < 1e9 else { return value < 0 ? "-inf" : "inf" }
  var power = 1
  for _ in 0..<decimals { power *= 10 }
  let scaled = Int((value.magnitude * Double(power)).rounded())
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard decimals > 0 else { return sign + "\(scaled)" }
  let fraction = "\(scaled % power)"
  return sign + "\(scaled / power)." + String(repeating: "0", count: decimals - fraction.utf8.count) + fraction
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
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}

/// The bits of numbers, eight digits each.
func hexadecimal(bits numbers: [Float]) -> String {
  hexadecimal(numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (24 - 8 * UInt32($0))) } })
}

/// As "22.7 MB".
func megabytes(_ bytes: Int) -> String { fixed(Double(bytes) / 1e6, decimals: 1) + " MB" }
