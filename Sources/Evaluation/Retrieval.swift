package import Autograd

/// How often what belongs to an embedding is found among the nearest of another kind: recall at some counts, from the place of the first
/// that belongs to it.
package struct Retrieval: Hashable, Sendable {
  /// For each query, how many items that do not belong to it are as near as the nearest that does, or nearer.
  package let ranks: [Int]

  /// Items of a query's group belong to it. Embeddings have length 1; a query none of whose items is there finds nothing. Similarities of a
  /// few queries exist at a time.
  package init(of queries: Matrix, groups: [Int], among items: Matrix, itemGroups: [Int]) {
    precondition(groups.count == queries.rows && itemGroups.count == items.rows, "every embedding needs a group")
    let length = max(Self.chunk / max(items.rows, 1), 1)
    var ranks: [Int] = []
    for start in stride(from: 0, to: queries.rows, by: length) {
      let rows = start..<min(start + length, queries.rows)
      let similarities = queries.products(of: rows, with: items)
      for row in rows {
        let group = groups[row]
        ranks.append(
          itemGroups.contains(group)
            ? Ranking.rank(ofBest: similarities[row: row - start]) { itemGroups[$0] == group } : items.rows)
      }
    }
    self.ranks = ranks
  }

  /// The part of the queries that find theirs among the nearest `count`; 0 of none.
  package func recall(at count: Int) -> Double {
    ranks.isEmpty ? 0 : Double(ranks.count { $0 < count }) / Double(ranks.count)
  }

  /// Similarities that exist at once.
  private static let chunk = 1 << 20
}

/// Both directions of retrieval between two kinds of embeddings.
package struct MutualRetrieval: Hashable, Sendable {
  package let forward: Retrieval
  package let backward: Retrieval

  /// Row i of one belongs to row i of the other, and to all of its group where groups are given.
  package init(_ a: Matrix, _ b: Matrix, groups: [Int]? = nil) {
    precondition(a.rows == b.rows, "\(a.rows) rows cannot be paired with \(b.rows)")
    let groups = groups ?? Array(0..<a.rows)
    forward = Retrieval(of: a, groups: groups, among: b, itemGroups: groups)
    backward = Retrieval(of: b, groups: groups, among: a, itemGroups: groups)
  }
}
