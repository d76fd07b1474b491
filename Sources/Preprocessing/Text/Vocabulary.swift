/// The tokens of a model and their numbers, 0 upwards: one buffer of bytes and an open-addressing index over it.
///
/// Looking a token up allocates nothing and takes time proportional to its length, whatever the vocabulary.
package struct Vocabulary: Sendable {
  package static let maximumCount = 1 << 20 - 1
  package static let maximumTokenBytes = 1 << 16 - 1
  package static let maximumBytes = 1 << 26
  /// How many entries of the index a lookup may pass.
  private static let maximumProbes = 256
  private static let free = UInt32.max

  /// All tokens, one after the other.
  private var bytes: [UInt8] = []
  /// Where each token begins in `bytes`, and the end of the last.
  private var offsets: [UInt32] = [0]
  /// A power of two of entries, at least twice `count`: the low 20 bits are a token's number, the rest the top bits of its hash.
  private var index: [UInt32]
  /// The length in bytes of the longest token.
  package private(set) var longestToken = 0

  /// An empty vocabulary with room for a number of tokens; more may be appended.
  package init(expectedCount: Int = 0) {
    let expected = max(0, min(expectedCount, Self.maximumCount))
    index = Self.emptyIndex(for: expected)
    offsets.reserveCapacity(expected + 1)
    bytes.reserveCapacity(expected * 8)
  }

  package var count: Int { offsets.count - 1 }

  /// Gives the next number to a token.
  package mutating func append(_ token: Span<UInt8>) throws(TokenizerError) {
    try checkRoom(for: token)
    if (count + 1) * 2 > index.count { try rebuildIndex(for: count * 2 + 1) }
    let hash = TokenHash(of: token)
    let entry = try vacancy(for: token, hash: hash)
    index[entry] = hash.tag | UInt32(count)
    for position in token.indices { bytes.append(token[position]) }
    offsets.append(UInt32(bytes.count))
    longestToken = max(longestToken, token.count)
  }

  /// The bytes of a token, or nil where there is no such number.
  package subscript(number: Int) -> ArraySlice<UInt8>? {
    offsets.indices.dropLast().contains(number) ? bytes[Int(offsets[number])..<Int(offsets[number + 1])] : nil
  }

  /// The number of a token, or nil where the vocabulary lacks it.
  package func number(of token: Span<UInt8>) -> Int32? {
    number(of: token, in: token.indices, prefix: 0, hash: TokenHash(of: token))
  }

  /// The longest token that begins at `start` of a word (`##` before it unless `start` is 0), and where it ends.
  ///
  /// Tokens end where characters end.
  func longestMatch(in word: Span<UInt8>, from start: Int) -> (number: Int32, end: Int)? {
    var hash = start == 0 ? TokenHash() : TokenHash.continuation
    let prefix = start == 0 ? 0 : TokenHash.continuationPrefix.count
    var best: (number: Int32, end: Int)?
    var end = start
    while end < word.count, end - start + prefix < longestToken {
      hash.combine(word[end])
      end += 1
      guard end == word.count || word[end] & 0xC0 != 0x80 else { continue }
      if let number = number(of: word, in: start..<end, prefix: prefix, hash: hash) { best = (number, end) }
    }
    return best
  }
}

extension Vocabulary {
  /// The number of the token that consists of the first `prefix` bytes of "##" and the bytes of `text` in `range`.
  private func number(of text: Span<UInt8>, in range: Range<Int>, prefix: Int, hash: TokenHash) -> Int32? {
    let mask = index.count - 1
    var entry = hash.position & mask
    while index[entry] != Self.free {
      let number = Int(index[entry] & TokenHash.numberMask)
      if index[entry] & ~TokenHash.numberMask == hash.tag, isToken(number, text, range, prefix: prefix) { return Int32(number) }
      entry = (entry + 1) & mask
    }
    return nil
  }

  private func isToken(_ number: Int, _ text: Span<UInt8>, _ range: Range<Int>, prefix: Int) -> Bool {
    let start = Int(offsets[number])
    guard Int(offsets[number + 1]) - start == prefix + range.count else { return false }
    for position in 0..<prefix where bytes[start + position] != TokenHash.continuationPrefix[position] { return false }
    for position in 0..<range.count where bytes[start + prefix + position] != text[range.lowerBound + position] { return false }
    return true
  }

  private func checkRoom(for token: Span<UInt8>) throws(TokenizerError) {
    guard count < Self.maximumCount else { throw .tooManyTokens(limit: Self.maximumCount) }
    guard token.count <= Self.maximumTokenBytes else {
      throw .tokenTooLong(index: count, bytes: token.count, limit: Self.maximumTokenBytes)
    }
    guard bytes.count + token.count <= Self.maximumBytes else { throw .vocabularyTooLarge(index: count, limit: Self.maximumBytes) }
  }

  /// The free entry of the index where a token that the vocabulary lacks belongs.
  private func vacancy(for token: Span<UInt8>, hash: TokenHash) throws(TokenizerError) -> Int {
    let mask = index.count - 1
    var entry = hash.position & mask
    for _ in 0..<Self.maximumProbes {
      guard index[entry] != Self.free else { return entry }
      let number = Int(index[entry] & TokenHash.numberMask)
      if index[entry] & ~TokenHash.numberMask == hash.tag, isToken(number, token, token.indices, prefix: 0) {
        throw .duplicateToken(index: count, first: number)
      }
      entry = (entry + 1) & mask
    }
    throw .collidingTokens(index: count)
  }

  private mutating func rebuildIndex(for expected: Int) throws(TokenizerError) {
    index = Self.emptyIndex(for: expected)
    for number in 0..<count {
      let (entry, value) = try place(of: number)
      index[entry] = value
    }
  }

  /// Where a token belongs that the index lacks, and what is to stand there.
  private func place(of number: Int) throws(TokenizerError) -> (entry: Int, value: UInt32) {
    let token = bytes.span.extracting(Int(offsets[number])..<Int(offsets[number + 1]))
    let hash = TokenHash(of: token)
    return (try vacancy(for: token, hash: hash), hash.tag | UInt32(number))
  }

  private static func emptyIndex(for expected: Int) -> [UInt32] {
    var size = 64
    while size < 2 * expected { size *= 2 }
    return Array(repeating: free, count: size)
  }
}

/// FNV-1a of 32 bits over the bytes of a token.
private struct TokenHash {
  static let numberMask: UInt32 = 1 << 20 - 1
  static let continuationPrefix: [UInt8] = [0x23, 0x23]
  /// The hash of "##".
  static let continuation = TokenHash(of: continuationPrefix.span)

  private var value: UInt32 = 0x811C_9DC5

  init() {}

  init(of bytes: Span<UInt8>) {
    for position in bytes.indices { combine(bytes[position]) }
  }

  mutating func combine(_ byte: UInt8) { value = (value ^ UInt32(byte)) &* 0x0100_0193 }

  /// Where the search in the index begins, before it is cut to the size of the index.
  var position: Int { Int(truncatingIfNeeded: value ^ value >> 15) }
  /// The bits kept in the index beside a token's number.
  var tag: UInt32 { value & ~Self.numberMask }
}
