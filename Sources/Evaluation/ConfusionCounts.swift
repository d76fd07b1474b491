package import Autograd

/// What a classifier takes for what.
package struct ConfusionCounts: Hashable, Sendable {
  package let classes: Int
  /// [target, answer]
  private var counts: [Int]

  package init(classes: Int) {
    self.classes = classes
    counts = Array(repeating: 0, count: classes * classes)
  }

  /// Adds rows of logits, a column a class. The answer is the largest, the first of several.
  package mutating func add(_ logits: Matrix, targets: [Int]) {
    precondition(logits.columns == classes && targets.count == logits.rows, "\(targets.count) targets for \(logits.rows) rows")
    for (row, target) in targets.enumerated() {
      let logits = logits[row: row]
      let answer = logits.indices.max { logits[$0] < logits[$1] } ?? logits.startIndex
      counts[target * classes + answer - logits.startIndex] += 1
    }
  }

  /// How often that target got that answer.
  package subscript(target: Int, answer: Int) -> Int { counts[target * classes + answer] }

  /// The part of a class that is found; nil where it never was the target.
  package func recall(_ target: Int) -> Double? {
    let count = (0..<classes).reduce(0) { $0 + self[target, $1] }
    return count > 0 ? Double(self[target, target]) / Double(count) : nil
  }
}
