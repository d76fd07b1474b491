import BundleFormat
import Compression
import Foundation
import Preprocessing

/// A file of texts, one a line, as the model's tokens. Empty lines do not count.
struct CalibrationTexts {
  let tokens: [[Int32]]

  init(path: String, tokenizer: TokenizerDescription) throws {
    let lines: [Data.SubSequence]
    do {
      lines = try Data(contentsOf: URL(fileURLWithPath: path)).split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    } catch {
      throw Failure.unreadable("--calibrate \(path) cannot be read: \(error.localizedDescription)")
    }
    guard !lines.isEmpty else { throw Failure.badData("--calibrate \(path) holds no text: give some hundred lines") }
    let wordPiece = try WordPieceTokenizer(tokenizer)
    tokens = lines.map { wordPiece.encode(Array($0).span, maximumTokens: tokenizer.options.maximumTokens) }
  }
}
