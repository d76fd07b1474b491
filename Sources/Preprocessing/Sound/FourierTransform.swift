import CMath

/// The discrete Fourier transform of one size, by Cooley and Tukey (1965) for sizes of any factors: fast where they are small.
struct FourierTransform: Sendable {
  let size: Int
  private let factors: [Int]
  /// exp(−2πi k ÷ size) for each k.
  private let roots: [SIMD2<Double>]

  /// `size` must be 1 or more.
  init(size: Int) {
    self.size = size
    factors = Self.factors(of: size)
    roots = (0..<size).map { k in
      let angle = -2 * Double.pi * Double(k) / Double(size)
      return SIMD2(cos(angle), sin(angle))
    }
  }

  /// The factors of a size, fours first.
  private static func factors(of size: Int) -> [Int] {
    var (rest, found) = (size, [Int]())
    while rest % 4 == 0 {
      found.append(4)
      rest /= 4
    }
    var factor = 2
    while rest > 1 {
      while rest % factor == 0 {
        found.append(factor)
        rest /= factor
      }
      factor += 1
    }
    return found
  }

  /// Transforms `size` complex numbers, each (real, imaginary).
  func transform(_ input: [SIMD2<Double>], into output: inout [SIMD2<Double>]) {
    step(input, from: 0, stride: 1, into: &output, at: 0, count: size, level: 0)
  }

  private func step(
    _ input: [SIMD2<Double>], from: Int, stride: Int, into output: inout [SIMD2<Double>], at start: Int, count: Int, level: Int
  ) {
    guard count > 1 else {
      output[start] = input[from]
      return
    }
    let factor = factors[level]
    let part = count / factor
    for index in 0..<factor {
      step(
        input, from: from + index * stride, stride: stride * factor, into: &output, at: start + index * part, count: part,
        level: level + 1)
    }
    var values = [SIMD2<Double>](repeating: .zero, count: factor)
    for k in 0..<part { combine(&values, in: &output, first: start + k, part: part, turn: k * stride) }
  }

  /// Makes `values.count` outputs, `part` apart, of the same places' values of the parts.
  private func combine(
    _ values: inout [SIMD2<Double>], in output: inout [SIMD2<Double>], first: Int, part: Int, turn: Int
  ) {
    let factor = values.count
    for index in 0..<factor { values[index] = product(output[first + index * part], roots[index * turn]) }
    let step = size / factor
    for target in 0..<factor {
      var (sum, angle) = (values[0], 0)
      for index in 1..<factor {
        angle += target * step
        if angle >= size { angle -= size }
        sum += product(values[index], roots[angle])
      }
      output[first + target * part] = sum
    }
  }
}

private func product(_ a: SIMD2<Double>, _ b: SIMD2<Double>) -> SIMD2<Double> {
  SIMD2(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x)
}
