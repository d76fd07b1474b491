import CCRC32C
import TestSupport
import Testing

import Wire

/// The examples of RFC 3720, B.4, in every form that this processor runs.
@Suite struct CRC32CTests {
  private static var forms: [crc32c_update] { Array((0...).lazy.map { crc32c_available($0) }.prefix { $0 != nil }).compactMap { $0 } }

  private static let examples: [([UInt8], UInt32)] = [
    (Array("123456789".utf8), 0xE306_9283), ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
    ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
    (Array(0..<32), 0x46DD_794E), (Array((0..<32).reversed()), 0x113F_DB5C), ([], 0),
  ]

  @Test(arguments: examples) func isAsTheExamplesSay(bytes: [UInt8], checksum: UInt32) {
    for form in Self.forms { #expect(~form(.max, bytes, bytes.count) == checksum) }
    #expect(CRC32C(of: bytes.span).value == checksum)
  }

  @Test func partsOfAnyLengthAndPlaceAgree() throws {
    var random = SeededGenerator(seed: 7)
    let bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
    try bytes.withUnsafeBufferPointer { buffer in
      let first = try #require(buffer.baseAddress)
      for start in 0..<16 {
        for middle in start..<64 {
          let whole = Self.forms.map { $0(.max, first + start, bytes.count - start) }
          let parts = Self.forms.map { $0($0(.max, first + start, middle - start), first + middle, bytes.count - middle) }
          #expect(Set(whole + parts).count == 1)
        }
      }
    }
  }
}
