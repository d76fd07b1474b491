import Foundation
import Testing

/// 500 sentences with their tokens and the float embeddings of all-MiniLM-L6-v2. (tools/oracles/minilm.py)
struct GoldenEmbeddings {
  let sentences: [String]
  let tokens: [[Int32]]
  let embeddings: [[Float]]

  /// The directory of the model, from the environment: the tests that need it run only where it is set.
  static let model = ProcessInfo.processInfo.environment["TRIBUTARY_MODEL"]

  init() throws {
    let text = String(decoding: try Self.data("minilm-sentences.txt"), as: UTF8.self)
    sentences = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    tokens = Self.tokens(try Self.data("minilm-tokens.bin"))
    embeddings = Self.embeddings(try Self.data("minilm-embeddings.bin"))
  }

  private static func data(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: Bundle.module.bundleURL.appendingPathComponent("Golden/" + name)))
  }

  /// Per sentence: u16 count, u16 identifiers.
  private static func tokens(_ bytes: [UInt8]) -> [[Int32]] {
    var rows: [[Int32]] = []
    var offset = 0
    while offset < bytes.count {
      let count = Int(integer(bytes, offset, UInt16.self))
      rows.append((1...count).map { Int32(integer(bytes, offset + 2 * $0, UInt16.self)) })
      offset += 2 + 2 * count
    }
    return rows
  }

  /// u32 count, u32 width; per sentence a float32 scale and int16 values.
  private static func embeddings(_ bytes: [UInt8]) -> [[Float]] {
    let count = Int(integer(bytes, 0, UInt32.self))
    let width = Int(integer(bytes, 4, UInt32.self))
    return (0..<count).map { row in
      let start = 8 + row * (4 + 2 * width)
      let scale = Float(bitPattern: integer(bytes, start, UInt32.self))
      return (0..<width).map { scale * Float(integer(bytes, start + 4 + 2 * $0, Int16.self)) }
    }
  }

  private static func integer<T: FixedWidthInteger>(_ bytes: [UInt8], _ offset: Int, _: T.Type) -> T {
    (0..<T.bitWidth / 8).reduce(0) { $0 | T(truncatingIfNeeded: bytes[offset + $1]) << (8 * $1) }
  }
}

@Test func goldenEmbeddingsAreComplete() throws {
  let golden = try GoldenEmbeddings()
  #expect(golden.sentences.count == 500 && Set(golden.sentences).count == 500)
  #expect(golden.tokens.count == 500 && golden.tokens.allSatisfy { $0.first == 101 && $0.last == 102 && $0.count <= 256 })
  #expect(golden.embeddings.count == 500)
  for embedding in golden.embeddings {
    #expect(embedding.count == 384 && abs(embedding.reduce(0) { $0 + $1 * $1 } - 1) < 1e-3)
  }
}
