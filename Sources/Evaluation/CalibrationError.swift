package import Autograd

/// How far confidences are from how often they are right. (Naeini et al. 2015; Guo et al. 2017)
package struct CalibrationError: Hashable, Sendable {
  /// Answers whose confidence lies in one range.
  package struct Bin: Hashable, Sendable {
    package fileprivate(set) var count = 0
    package fileprivate(set) var correct = 0
    package fileprivate(set) var confidence = 0.0
  }

  /// Of ranges of the same length over 0...1, a confidence on an edge in the lower; confidences are sums.
  package private(set) var bins: [Bin]

  /// Of softmaxes over logits at a temperature. Targets lie in 0..<columns.
  package init(_ logits: Matrix, targets: [Int], temperature: Float = 1, bins count: Int = 15) {
    precondition(targets.count == logits.rows, "\(targets.count) targets for \(logits.rows) rows")
    bins = Array(repeating: Bin(), count: count)
    for (row, target) in targets.enumerated() {
      let softmax = Softmax(logits[row: row], scale: 1 / Double(temperature))
      guard let confidence = softmax.probabilities.max(), confidence.isFinite else { continue }
      let place = min(max(Int((confidence * Double(count)).rounded(.up)) - 1, 0), count - 1)
      bins[place].count += 1
      bins[place].confidence += confidence
      bins[place].correct += Ranking.rank(of: target, in: logits[row: row]) == 0 ? 1 : 0
    }
  }

  /// The mean over all answers of the distance between their bin's confidence and how often it is right: from 0 to 1.
  package var expected: Double {
    let count = bins.reduce(0) { $0 + $1.count }
    return count == 0 ? 0 : bins.reduce(0) { $0 + abs($1.confidence - Double($1.correct)) } / Double(count)
  }
}
