import CFloatKernels
import Glibc

/// Moves parameters along their gradients: AdamW (Loshchilov, Hutter 2017) or LAMB (You et al. 2019).
package final class Optimizer {
  package enum Algorithm: String, Hashable, Sendable, CaseIterable {
    case adamW = "adamw"
    /// Steps of matrices are as long as the matrix times the rate; those of vectors are Adam's.
    case lamb
  }

  package struct Settings: Hashable, Sendable {
    package var algorithm: Algorithm
    package var firstDecay: Float
    package var secondDecay: Float
    package var epsilon: Float
    /// Of matrices and kernels. Biases, norms and gates have none.
    package var weightDecay: Float

    package init(
      algorithm: Algorithm = .adamW, firstDecay: Float = 0.9, secondDecay: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0.01
    ) {
      self.algorithm = algorithm
      self.firstDecay = firstDecay
      self.secondDecay = secondDecay
      self.epsilon = epsilon
      self.weightDecay = weightDecay
    }
  }

  /// Parameters with a rate of their own.
  package struct Group: Hashable, Sendable {
    /// What their names begin with.
    package let prefix: String
    /// What the rate is multiplied by.
    package let rateFactor: Float

    package init(prefix: String, rateFactor: Float) {
      self.prefix = prefix
      self.rateFactor = rateFactor
    }
  }

  package let settings: Settings
  /// The running means of gradients and of their squares.
  package let moments: (first: ParameterMemory, second: ParameterMemory)
  /// Steps made.
  package var steps = 0
  private let rateFactors: [Float]

  /// The first group that fits a parameter counts.
  package init(_ layout: ParameterLayout, settings: Settings = Settings(), groups: [Group] = []) {
    self.settings = settings
    moments = (ParameterMemory(layout), ParameterMemory(layout))
    rateFactors = layout.entries.map { entry in groups.first { entry.name.hasPrefix($0.prefix) }?.rateFactor ?? 1 }
  }

  /// One step. Gradients are multiplied by `gradientScale` and are zeros afterwards.
  package func step(
    _ parameters: ParameterMemory, gradients: ParameterMemory, rate: Float, gradientScale: Float = 1, workers: Workers
  ) {
    steps += 1
    var common = f32_adam()
    common.first_decay = settings.firstDecay
    common.second_decay = settings.secondDecay
    common.epsilon = settings.epsilon
    common.first_correction = correction(settings.firstDecay)
    common.second_correction = correction(settings.secondDecay)
    common.gradient_scale = gradientScale
    let layout = parameters.layout
    for (place, entry) in layout.entries.enumerated() where entry.isTrained {
      var own = common
      own.rate = rate * rateFactors[place]
      own.weight_decay = entry.decays ? settings.weightDecay : 0
      move(entry, own, parameters.memory.start, gradients.memory.start, workers)
    }
  }

  /// 1 / (1 − decay^steps)
  private func correction(_ decay: Float) -> Float { Float(1 / (1 - pow(Double(decay), Double(steps)))) }

  private func move(
    _ entry: ParameterLayout.Entry, _ step: f32_adam, _ w: UnsafeMutablePointer<Float>, _ g: UnsafeMutablePointer<Float>, _ workers: Workers
  ) {
    let (m, v) = (moments.first.memory.start, moments.second.memory.start)
    let isScaled = settings.algorithm == .lamb && entry.decays
    guard isScaled else {
      return workers.share(entry.range.count, grain: Self.grain) { _, part in
        var step = step
        let start = entry.range.lowerBound + part.lowerBound
        f32_adamw(w + start, g + start, m + start, v + start, &step, part.count)
      }
    }
    var squares = [0.0, 0.0]
    workers.sum(entry.range.count, count: 2, of: 0, grain: Self.grain, into: &squares) { _, part, sums in
      var step = step
      let start = entry.range.lowerBound + part.lowerBound
      sums[0] += f32_dot(w + start, w + start, part.count)
      sums[1] += f32_lamb_direction(w + start, g + start, m + start, v + start, &step, part.count)
    }
    let ratio = squares[0] > 0 && squares[1] > 0 ? (squares[0] / squares[1]).squareRoot() : 1
    workers.share(entry.range.count, grain: Self.grain) { _, part in
      let start = entry.range.lowerBound + part.lowerBound
      f32_scale(w + start, g + start, -step.rate * Float(ratio), 1, part.count)
      (g + start).update(repeating: 0, count: part.count)
    }
  }

  private static let grain = 4096
}
