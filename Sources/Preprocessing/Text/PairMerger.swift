/// Merges the tokens of one word, the merge of the lowest rank first and of equal ones the leftmost, in time proportional to n log n.
/// Keeps its memory from word to word.
struct PairMerger {
  /// A token of the word, in a list linked by indices; −1 ends it.
  private struct Symbol {
    var token: Int32
    var previous: Int32
    var next: Int32
  }

  /// The longest word.
  static let maximumTokens = 1 << 30

  private var symbols: [Symbol] = []
  /// Merges that may be done, a heap with the smallest on top: rank << 32 | index of the left symbol.
  private var queue: [UInt64] = []

  mutating func begin() {
    symbols.removeAll(keepingCapacity: true)
    queue.removeAll(keepingCapacity: true)
  }

  /// Appends a token to the word.
  mutating func append(_ token: Int32) {
    guard symbols.count < Self.maximumTokens else { return }
    let last = Int32(symbols.count) - 1
    if last >= 0 { symbols[Int(last)].next = last + 1 }
    symbols.append(Symbol(token: token, previous: last, next: -1))
  }

  /// Merges the word with a table and calls `body` with each token left.
  mutating func merge(with table: MergeTable, _ body: (Int32) -> Void) {
    for index in symbols.indices.dropLast() { consider(Int32(index), table) }
    while let (rank, left) = pop() { join(left, table, rank: rank) }
    var index: Int32 = symbols.isEmpty ? -1 : 0
    while index >= 0 {
      body(symbols[Int(index)].token)
      index = symbols[Int(index)].next
    }
  }

  /// Queues the merge of a symbol with its right neighbour, if there is one.
  private mutating func consider(_ left: Int32, _ table: MergeTable) {
    guard left >= 0, symbols[Int(left)].next >= 0 else { return }
    if let found = table.merge(symbols[Int(left)].token, symbols[Int(symbols[Int(left)].next)].token) {
      push(UInt64(found.rank) << 32 | UInt64(left))
    }
  }

  /// Does a queued merge, unless its symbols have changed since to what does not give the same token.
  private mutating func join(_ left: Int, _ table: MergeTable, rank: Int) {
    let symbol = symbols[left]
    guard symbol.token >= 0, symbol.next >= 0 else { return }
    let right = symbols[Int(symbol.next)]
    let result = table.result(of: rank)
    guard table.merge(symbol.token, right.token)?.result == result else { return }
    symbols[Int(symbol.next)].token = -1
    symbols[left].token = result
    symbols[left].next = right.next
    if right.next >= 0 { symbols[Int(right.next)].previous = Int32(left) }
    consider(symbol.previous, table)
    consider(Int32(left), table)
  }
}

extension PairMerger {
  private mutating func push(_ entry: UInt64) {
    var place = queue.count
    queue.append(entry)
    while place > 0, queue[(place - 1) / 2] > entry {
      queue[place] = queue[(place - 1) / 2]
      place = (place - 1) / 2
    }
    queue[place] = entry
  }

  private mutating func pop() -> (rank: Int, left: Int)? {
    guard let top = queue.first, let last = queue.popLast() else { return nil }
    if !queue.isEmpty { sink(last) }
    return (Int(top >> 32), Int(top & 0xFFFF_FFFF))
  }

  /// Puts an entry in the place of the top.
  private mutating func sink(_ entry: UInt64) {
    var place = 0
    while 2 * place + 1 < queue.count {
      var child = 2 * place + 1
      if child + 1 < queue.count, queue[child + 1] < queue[child] { child += 1 }
      guard queue[child] < entry else { break }
      queue[place] = queue[child]
      place = child
    }
    queue[place] = entry
  }
}
