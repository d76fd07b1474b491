import CZlib
import Foundation

/// Handwritten digits as scikit-learn ships them: lines of 64 grey values of 0 to 16, rows from the top, and the digit.
struct DigitRows: Sendable {
  struct Row: Sendable {
    /// 0 to 1.
    let grey: [Float]
    let digit: Int
  }

  private static let side = 8
  private static let longest = 1 << 24

  let rows: [Row]

  /// - Parameter path: The lines as text, plain or compressed with gzip.
  init(path: String) throws(MakingError) {
    let lines = try Self.text(of: path).split(separator: "\n")
    var rows: [Row] = []
    for (number, line) in lines.enumerated() {
      let values = line.split(separator: ",").compactMap { Float($0) }
      guard values.count == Self.side * Self.side + 1, values.allSatisfy({ 0...16 ~= $0 }), let digit = Int(exactly: values[64]), digit < 10
      else {
        throw .badInput(file: path, place: "line \(number + 1)", expected: "64 numbers from 0 to 16 and a digit")
      }
      rows.append(Row(grey: values.dropLast().map { $0 / 16 }, digit: digit))
    }
    guard !rows.isEmpty else { throw .badInput(file: path, place: "the file", expected: "lines") }
    self.rows = rows
  }

  /// zlib reads what is not compressed as it is.
  private static func text(of path: String) throws(MakingError) -> String {
    guard let file = gzopen(path, "rb") else { throw .unreadable(file: path, reason: String(cString: strerror(errno))) }
    defer { gzclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = gzread(file, &buffer, UInt32(buffer.count))
      guard count >= 0, bytes.count <= longest else { throw .unreadable(file: path, reason: "it is no text of digits, plain or gzip") }
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer.prefix(Int(count))
    }
  }
}

extension DigitRows.Row {
  /// White on black.
  var sprite: Sprite { Sprite(width: 8, height: 8, pixels: grey.map { SIMD4($0, $0, $0, 1) }) }
}
