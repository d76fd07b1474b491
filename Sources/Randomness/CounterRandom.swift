import Glibc

/// Random numbers as a function of a seed, a stream and a position: Philox 4×32 with 10 rounds (Salmon et al. 2011). Streams are
/// independent of each other, and the three numbers are the whole state.
package struct CounterRandom: RandomNumberGenerator, Hashable, Sendable {
  package let seed: UInt64
  package let stream: UInt64
  /// How many 64-bit numbers were drawn.
  package var position: UInt64

  package init(seed: UInt64, stream: UInt64 = 0, position: UInt64 = 0) {
    self.seed = seed
    self.stream = stream
    self.position = position
  }

  package mutating func next() -> UInt64 {
    let (counter, half) = (position / 2, position % 2)
    position &+= 1
    let words = Self.block(
      (UInt32(truncatingIfNeeded: counter), UInt32(counter >> 32), UInt32(truncatingIfNeeded: stream), UInt32(stream >> 32)),
      key: (UInt32(truncatingIfNeeded: seed), UInt32(seed >> 32)))
    return half == 0 ? UInt64(words.0) | UInt64(words.1) << 32 : UInt64(words.2) | UInt64(words.3) << 32
  }

  /// In 0..<1, a multiple of 2⁻²⁴.
  package mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// Of mean 0 and variance 1. (Box, Muller 1958)
  package mutating func normal() -> Float {
    let bits = next()
    let (first, second) = (Float(bits >> 40) * 0x1p-24, Float(bits & 0xff_ffff) * 0x1p-24)
    return (-2 * logf(1 - first)).squareRoot() * cosf(2 * .pi * second)
  }

  /// An index with the probability of its weight among weights that are not negative; nil where all are 0.
  package mutating func index(weights: [Float]) -> Int? {
    let sum = weights.reduce(0) { $0 + Double($1) }
    guard sum > 0 else { return nil }
    var rest = Double(next() >> 11) * 0x1p-53 * sum
    for (index, weight) in weights.enumerated() {
      rest -= Double(weight)
      if rest < 0 { return index }
    }
    return weights.lastIndex { $0 > 0 }
  }

  package typealias Words = (UInt32, UInt32, UInt32, UInt32)

  /// One block of the cipher.
  package static func block(_ counter: Words, key: (UInt32, UInt32)) -> Words {
    var (words, key) = (counter, key)
    for _ in 0..<10 {
      let first = (0xD251_1F53 as UInt32).multipliedFullWidth(by: words.0)
      let second = (0xCD9E_8D57 as UInt32).multipliedFullWidth(by: words.2)
      words = (second.high ^ words.1 ^ key.0, second.low, first.high ^ words.3 ^ key.1, first.low)
      key = (key.0 &+ 0x9E37_79B9, key.1 &+ 0xBB67_AE85)
    }
    return words
  }
}
