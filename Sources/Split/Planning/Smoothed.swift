/// A mean and a mean deviation that follow samples: the plain average of the first 8 (4 for the deviation), then with the gains of RFC
/// 6298, section 2: 1/8 and 1/4. The first sample's deviation counts as half of it.
package struct Smoothed: Sendable, Equatable {
  package private(set) var mean: Double
  package private(set) var deviation: Double
  /// The weights of the samples so far; 0 while `mean` is a guess.
  private var weight = 0.0

  /// Whether there were samples.
  package var isMeasured: Bool { weight > 0 }

  /// A guess, until there are samples.
  package init(guess: Double, deviation: Double = 0) {
    mean = guess
    self.deviation = deviation
  }

  /// Takes a sample into account that tells as much as `weight` says, 0...1. One that is negative or not finite tells nothing.
  package mutating func add(_ sample: Double, weight sampleWeight: Double = 1) {
    guard sample.isFinite, sample >= 0, sampleWeight > 0 else { return }
    let distance = weight == 0 ? sample / 2 : (sample - mean).magnitude
    deviation += (distance - deviation) * sampleWeight / min(4, 1 + weight)
    mean += (sample - mean) * sampleWeight / min(8, 1 + weight)
    weight += sampleWeight
  }
}
