import Randomness

/// Between what bounds an accuracy lies: percentiles of those of samples that are drawn from the sample again. (Efron 1979)
package struct BootstrapInterval: Hashable, Sendable {
  package let bounds: ClosedRange<Double>

  /// From which answers were right, at least one. Depends on the seed alone.
  package init(_ hits: [Bool], confidence: Double = 0.95, resamples: Int = 2000, seed: UInt64 = 1) {
    precondition(!hits.isEmpty && (0..<1).contains(confidence) && resamples > 0)
    let correct = hits.count { $0 }
    var random = CounterRandom(seed: seed)
    let accuracies = (0..<resamples).map { _ in
      let drawn = hits.indices.count { _ in Int(random.next(upperBound: UInt64(hits.count))) < correct }
      return Double(drawn) / Double(hits.count)
    }
    let sorted = accuracies.sorted()
    let tail = (1 - confidence) / 2
    let last = Double(resamples - 1)
    bounds = sorted[Int((tail * last).rounded(.down))]...sorted[Int(((1 - tail) * last).rounded(.up))]
  }
}
