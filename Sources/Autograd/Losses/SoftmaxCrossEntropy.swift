import CFloatKernels

/// −log of the probability that a softmax over a row's logits gives its target, mean over the rows that have one.
package struct SoftmaxCrossEntropy: Sendable {
  /// Rows with this target do not count.
  package var ignoredTarget: Int32
  /// The part of the target's probability that is spread over all classes. (Szegedy et al. 2015)
  package var smoothing: Float

  package init(ignoredTarget: Int32 = -100, smoothing: Float = 0) {
    self.ignoredTarget = ignoredTarget
    self.smoothing = smoothing
  }

  /// The loss; 0 where no row counts. Adds weight · its gradient to `gradient`. Targets lie in 0..<columns, or are the ignored one.
  package func callAsFunction(_ logits: Rows, targets: [Int32], gradient: Rows?, weight: Float = 1) -> Double {
    precondition(targets.count == logits.rows, "\(targets.count) targets for \(logits.rows) rows")
    let count = targets.count { $0 != ignoredTarget }
    guard count > 0 else { return 0 }
    var loss = 0.0
    for (row, target) in targets.enumerated() where target != ignoredTarget {
      loss += add(logits.row(row), columns: logits.columns, target: Int(target), to: gradient?.row(row), weight / Float(count))
    }
    return loss / Double(count)
  }

  /// The loss of one row. Adds weight · its gradient.
  func add(
    _ logits: UnsafeMutablePointer<Float>, columns: Int, target: Int, to gradient: UnsafeMutablePointer<Float>?, _ weight: Float
  ) -> Double {
    let total = f32_log_sum_exp(logits, columns)
    let spread = smoothing / Float(columns)
    var loss = Double(total - logits[target]) * Double(1 - smoothing)
    if smoothing > 0 { loss += (0..<columns).reduce(0) { $0 + Double(total - logits[$1]) } * Double(spread) }
    guard let gradient else { return loss }
    let probabilities = UnsafeMutablePointer<Float>.allocate(capacity: columns)
    defer { probabilities.deallocate() }
    f32_exp(probabilities, logits, total, columns)
    if spread > 0 { for column in 0..<columns { probabilities[column] -= spread } }
    probabilities[target] -= 1 - smoothing
    f32_scale(gradient, probabilities, weight, 1, columns)
    return loss
  }
}
