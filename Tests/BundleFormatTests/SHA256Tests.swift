import CSHA256
import TestSupport
import Testing

import BundleFormat

/// The examples of FIPS 180-4 and NIST's "SHA test vectors", in every form that this processor runs.
@Suite struct SHA256Tests {
  private static var forms: [UnsafePointer<sha256_form>] {
    Array((0...).lazy.map { sha256_available($0) }.prefix { $0 != nil }).compactMap { $0 }
  }

  /// The digest of the bytes, added in pieces of those sizes in turn.
  private func digest(_ form: UnsafePointer<sha256_form>, _ bytes: [UInt8], pieces: [Int] = [Int.max]) -> String {
    var state = sha256_start(form)
    var start = 0
    var turn = 0
    while start < bytes.count {
      let count = min(pieces[turn % pieces.count], bytes.count - start)
      bytes[start..<start + count].withUnsafeBytes { sha256_add(&state, $0.baseAddress, count) }
      start += count
      turn += 1
    }
    var digest = [UInt8](repeating: 0, count: Digest.size)
    sha256_finish(&state, &digest)
    return Digest(bytes: digest).hexadecimal
  }

  @Test func thePortableFormIsLast() {
    #expect(Self.forms.last.map { String(cString: $0.pointee.name) } == "portable")
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func publishedExamples(text: String, expected: String) {
    for form in Self.forms { #expect(digest(form, Array(text.utf8)) == expected) }
  }

  @Test func aMillionTimesA() {
    let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    for form in Self.forms { #expect(digest(form, bytes) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0") }
  }

  @Test func formsAndPiecesDoNotMatter() throws {
    var generator = SeededGenerator(seed: 1)
    let portable = try #require(Self.forms.last)
    for count in 0...300 {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let pieces = (0..<7).map { _ in Int.random(in: 1...130, using: &generator) }
      let expected = digest(portable, bytes)
      for form in Self.forms { #expect(digest(form, bytes, pieces: pieces) == expected) }
    }
  }

  @Test func partsHaveTheirOwnDigests() {
    var generator = SeededGenerator(seed: 2)
    for (count, size) in [(0, 1), (1, 1), (5, 2), (63, 64), (128, 64), (200, 64), (256, 128), (390, 130), (1000, 333), (99, 1000)] {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let parts = stride(from: 0, to: count, by: size).map { Array(bytes[$0..<min($0 + size, count)]) }
      for form in Self.forms {
        var digests = [UInt8](repeating: 0, count: parts.count * Digest.size)
        sha256_parts(form, bytes, count, size, &digests)
        let found = parts.indices.map { Digest(bytes: Array(digests[Digest.size * $0..<Digest.size * ($0 + 1)])).hexadecimal }
        #expect(found == parts.map { digest(form, $0) })
      }
    }
  }

  @Test func digitsAreReadBackAndOnlyInOneWay() {
    let digest = Digest(bytes: (0..<32).map { UInt8($0 * 37 & 255) })
    #expect(Digest(hexadecimal: digest.digits[...]) == digest)
    #expect(Digest(hexadecimal: Array(digest.hexadecimal.uppercased().utf8)[...]) == nil)
    #expect(Digest(hexadecimal: digest.digits.dropLast()) == nil)
  }
}
