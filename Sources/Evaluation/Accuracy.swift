package import Autograd

/// How often a classifier is right.
package struct Accuracy: Hashable, Sendable {
  /// For each row, how many other classes have a logit that is not below the target's.
  package let ranks: [Int]

  /// Targets lie in 0..<columns.
  package init(_ logits: Matrix, targets: [Int]) {
    precondition(targets.count == logits.rows, "\(targets.count) targets for \(logits.rows) rows")
    ranks = targets.enumerated().map { row, target in Ranking.rank(of: target, in: logits[row: row]) }
  }

  /// Which rows have their target among the `count` likeliest.
  package func hits(top count: Int = 1) -> [Bool] { ranks.map { $0 < count } }

  /// The part of the rows that do; 0 of none.
  package func top(_ count: Int = 1) -> Double {
    ranks.isEmpty ? 0 : Double(ranks.count { $0 < count }) / Double(ranks.count)
  }
}
