/// The merges of a byte-pair tokenizer: which two neighbouring tokens become one, the first given first.
///
/// Looking a pair up takes constant time and allocates nothing.
package struct MergeTable: Sendable {
  package static let maximumCount = 1 << 20 - 1
  /// How many entries of the index a lookup may pass.
  private static let maximumProbes = 256
  private static let free = UInt32.max

  /// By rank: the two tokens as one number, and the token that they become.
  private var pairs: [UInt64] = []
  private var results: [Int32] = []
  /// A power of two of ranks, at least twice `count`.
  private var index: [UInt32]
  /// The two parts of the last merge as one word.
  private var joined: [UInt8] = []

  /// No merges, with room for a number of them; more may be appended.
  package init(expectedCount: Int = 0) {
    let expected = max(0, min(expectedCount, Self.maximumCount))
    index = Self.emptyIndex(for: expected)
    pairs.reserveCapacity(expected)
    results.reserveCapacity(expected)
  }

  package var count: Int { pairs.count }

  /// Gives the next rank to a merge: two tokens of the vocabulary with a space between, which are a token together.
  package mutating func append(_ merge: Span<UInt8>, vocabulary: Vocabulary) throws(TokenizerError) {
    guard count < Self.maximumCount else { throw .tooManyMerges(limit: Self.maximumCount) }
    guard let space = merge.indices.first(where: { merge[$0] == 0x20 }) else { throw .badMerge(index: count) }
    joined.removeAll(keepingCapacity: true)
    for position in merge.indices where position != space { joined.append(merge[position]) }
    guard let left = vocabulary.number(of: merge.extracting(..<space)), let right = vocabulary.number(of: merge.extracting((space + 1)...)),
      let result = vocabulary.number(of: joined.span)
    else { throw .badMerge(index: count) }
    try insert(Self.pair(left, right), result)
  }

  /// What two neighbouring tokens become, and the merge's rank; nil where they stay apart.
  func merge(_ left: Int32, _ right: Int32) -> (rank: Int, result: Int32)? {
    let pair = Self.pair(left, right)
    var entry = place(of: pair)
    while index[entry] != Self.free {
      let rank = Int(index[entry])
      if pairs[rank] == pair { return (rank, results[rank]) }
      entry = (entry + 1) & (index.count - 1)
    }
    return nil
  }

  /// The token that the merge of a rank makes.
  func result(of rank: Int) -> Int32 { results[rank] }

  private mutating func insert(_ pair: UInt64, _ result: Int32) throws(TokenizerError) {
    if (count + 1) * 2 > index.count { try rebuildIndex() }
    index[try vacancy(for: pair)] = UInt32(count)
    pairs.append(pair)
    results.append(result)
  }

  private mutating func rebuildIndex() throws(TokenizerError) {
    index = Self.emptyIndex(for: count * 2 + 1)
    for rank in pairs.indices { index[try vacancy(for: pairs[rank])] = UInt32(rank) }
  }

  private func vacancy(for pair: UInt64) throws(TokenizerError) -> Int {
    var entry = place(of: pair)
    for _ in 0..<Self.maximumProbes {
      guard index[entry] != Self.free else { return entry }
      if pairs[Int(index[entry])] == pair { throw .badMerge(index: count) }
      entry = (entry + 1) & (index.count - 1)
    }
    throw .collidingMerges(index: count)
  }

  private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// Where the search for a pair begins.
  private func place(of pair: UInt64) -> Int {
    let mixed = (pair ^ pair >> 29) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> 40) & (index.count - 1)
  }

  private static func emptyIndex(for expected: Int) -> [UInt32] {
    var size = 64
    while size < 2 * expected { size *= 2 }
    return Array(repeating: free, count: size)
  }
}
