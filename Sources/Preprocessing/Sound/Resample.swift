import CMath

extension Sound {
  /// The sound at another rate: its first `limit` samples there, as many as there are.
  ///
  /// A band-limited interpolation with a sinc in a Kaiser window, 32 samples of the lower rate to each side. Relative to half the lower
  /// rate, frequencies up to 0.84 keep their strength within 0.01 dB, and those above 1.02 are weaker by 90 dB. Before and behind the sound
  /// there is silence. A constant stays the same constant where the filter meets only the sound.
  package func resampled(to rate: Int, limit: Int = Sound.maximumSamples) throws(MediaError) -> Sound {
    guard Self.rates ~= rate else { throw .badSampleRate(rate) }
    guard rate != self.rate else { return try Sound(rate: rate, samples: Array(samples.prefix(max(0, limit)))) }
    let divisor = greatestCommonDivisor(rate, self.rate)
    let interpolation = Interpolation(up: rate / divisor, down: self.rate / divisor)
    return try Sound(rate: rate, samples: interpolation.apply(to: samples, limit: limit))
  }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestCommonDivisor(b, a % b) }

/// A change of rate by `up` ÷ `down`, in lowest terms. Positions count at the rate of which both rates are divisors.
private struct Interpolation {
  /// Samples of the lower rate to each side.
  static let reach = 32
  /// Where the filter halves the amplitude, relative to half the lower rate.
  static let cutoff = 0.93
  /// The shape of the Kaiser window.
  static let beta = 9.0

  let up: Int
  let down: Int
  private var coarse: Int { max(up, down) }
  private var halfWidth: Int64 { Int64(Self.reach) * Int64(coarse) }

  init(up: Int, down: Int) {
    self.up = up
    self.down = down
  }

  /// Outputs `up` apart have the same weights: they are made one such group after the other.
  func apply(to input: [Float], limit: Int) -> [Float] {
    let whole = (UInt64(input.count) * UInt64(up) + UInt64(down) - 1) / UInt64(down)
    let count = min(Int(clamping: whole), max(0, limit))
    var output = [Float](repeating: 0, count: count)
    for phase in 0..<min(up, count) {
      let (first, weights) = weights(of: phase)
      var start = first
      for index in stride(from: phase, to: count, by: up) {
        output[index] = Self.sum(input, from: start, weights)
        start += down
      }
    }
    return output
  }

  /// The first input of an output, which may lie before the sound, and the weights from there on.
  private func weights(of output: Int) -> (first: Int, weights: [Float]) {
    let position = Int64(output) * Int64(down)
    let (first, last) = (Self.ceiling(position - halfWidth, Int64(up)), (position + halfWidth) / Int64(up))
    let exact = (first...last).map { kernel(position - $0 * Int64(up)) }
    let sum = exact.reduce(0, +)
    return (Int(clamping: first), exact.map { Float($0 / sum) })
  }

  private static func ceiling(_ value: Int64, _ divisor: Int64) -> Int64 {
    value / divisor + (value > 0 && value % divisor > 0 ? 1 : 0)
  }

  private func kernel(_ distance: Int64) -> Double {
    let place = Double(distance) / Double(halfWidth)
    let angle = Double.pi * Self.cutoff * Double(distance) / Double(coarse)
    let sinc = distance == 0 ? 1 : sin(angle) / angle
    return sinc * bessel(Self.beta * max(0, 1 - place * place).squareRoot())
  }

  private static func sum(_ input: [Float], from start: Int, _ weights: [Float]) -> Float {
    let skipped = max(0, -start)
    let count = min(weights.count, input.count - start)
    guard skipped < count else { return 0 }
    var sum: Float = 0
    for index in skipped..<count { sum += input[start + index] * weights[index] }
    return sum
  }
}

/// The modified Bessel function of the first kind and order 0, by its power series.
private func bessel(_ x: Double) -> Double {
  var (sum, term, index) = (1.0, 1.0, 1.0)
  while term > sum * 1e-17 {
    term *= (x / 2 / index) * (x / 2 / index)
    sum += term
    index += 1
  }
  return sum
}
