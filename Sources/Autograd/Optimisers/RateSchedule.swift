import Glibc

/// The learning rate by step: it rises linearly over the warm-up, then falls to the floor along half a cosine (Loshchilov, Hutter 2016) or
/// a line, or stays.
package struct RateSchedule: Hashable, Sendable {
  package enum Decay: String, Hashable, Sendable, CaseIterable {
    case cosine
    case linear
    case constant
  }

  package var peak: Float
  /// Steps of the warm-up, in which step i has (i + 1) / warmUp of the peak.
  package var warmUp: Int
  /// All steps, with the warm-up.
  package var total: Int
  package var floor: Float
  package var decay: Decay

  package init(peak: Float, warmUp: Int = 0, total: Int, floor: Float = 0, decay: Decay = .cosine) {
    self.peak = peak
    self.warmUp = warmUp
    self.total = total
    self.floor = floor
    self.decay = decay
  }

  /// The rate of a step, the first of which is 0. Beyond the last it stays what it was.
  package func rate(step: Int) -> Float {
    if step < warmUp { return peak * Float(step + 1) / Float(warmUp) }
    let progress = Float(min(step - warmUp, total - warmUp)) / Float(max(total - warmUp, 1))
    return switch decay {
    case .cosine: floor + (peak - floor) * 0.5 * (1 + cosf(.pi * progress))
    case .linear: peak + (floor - peak) * progress
    case .constant: peak
    }
  }
}
