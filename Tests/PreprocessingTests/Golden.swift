import Foundation
import Preprocessing
import Testing

/// The golden files, which tools/oracles/wordpiece.py writes from Hugging Face `tokenizers`.
enum Golden {
  struct Case {
    let options: String
    let limit: Int
    let text: [UInt8]
    let wordSum: UInt32
    let tokens: [Int32]
  }

  static func bytes(of file: String) throws -> [UInt8] {
    let folder = try #require(Bundle.module.resourceURL)
    return try Array(Data(contentsOf: folder.appending(path: "Golden/" + file)))
  }

  /// The rows of a file of tab-separated fields.
  static func rows(of file: String) throws -> [[String]] {
    String(decoding: try bytes(of: file), as: UTF8.self).split(separator: "\n").map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  static func vocabulary() throws -> Vocabulary { try Vocabulary(vocabularyText: bytes(of: "vocabulary.txt")) }

  static func cases() throws -> [Case] {
    try rows(of: "wordpiece.tsv").map { fields in
      try #require(fields.count == 5)
      return Case(
        options: fields[0], limit: try #require(Int(fields[1])), text: bytes(hexadecimal: fields[2]),
        wordSum: try #require(UInt32(fields[3], radix: 16)), tokens: fields[4].split(separator: " ").compactMap { Int32($0) })
    }
  }

  /// The sets of options that the golden files name.
  static func options(_ name: String) throws -> WordPieceOptions {
    var options = WordPieceOptions()
    switch name {
    case "uncased": break
    case "cased": (options.lowercase, options.stripAccents) = (false, false)
    case "accented": options.stripAccents = false
    case "unspaced": options.handleChineseCharacters = false
    case "stripped": options.lowercase = false
    default: Issue.record("unknown options '\(name)'")
    }
    return options
  }

  /// Floats of 32 bits, big end first.
  static func floats(hexadecimal text: String) -> [Float] {
    let bytes = bytes(hexadecimal: text)
    return stride(from: 0, to: bytes.count, by: 4).map { start in
      Float(bitPattern: bytes[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) })
    }
  }

  /// A file of floats of 32 bits, little end first.
  static func floats(of file: String) throws -> [Float] {
    let bytes = try bytes(of: file)
    return stride(from: 0, to: bytes.count, by: 4).map { start in
      Float(bitPattern: bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }
  }

  static func bytes(hexadecimal text: String) -> [UInt8] {
    let digits = text.utf8.map { $0 < 0x3A ? $0 - 0x30 : $0 - 0x57 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}

extension Vocabulary {
  /// The number of the token with that text.
  func number(of token: String) -> Int32? {
    let bytes = Array(token.utf8)
    return number(of: bytes.span)
  }
}
