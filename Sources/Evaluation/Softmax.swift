import Glibc

/// Probabilities of a row of logits, in double.
struct Softmax {
  let probabilities: [Double]

  /// Logits are multiplied by `scale`.
  init(_ logits: ArraySlice<Float>, scale: Double = 1) {
    let scaled = logits.map { Double($0) * scale }
    let largest = scaled.max() ?? 0
    let powers = scaled.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    probabilities = powers.map { $0 / sum }
  }
}
