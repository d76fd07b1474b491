// The formulas of CKernels.h once more, as plainly as Swift says them. Float arithmetic follows the order that the header fixes.

func roundEven(_ value: Float) -> Int { Int(value.rounded(.toNearestOrEven)) }

func requantize(_ value: Float, limit: Int) -> Int16 {
  Int16(roundEven(min(max(value, -Float(limit)), Float(limit))))
}

func horner(_ coefficients: [Float], _ x: Float) -> Float {
  coefficients.dropLast().reversed().reduce(coefficients[coefficients.count - 1]) { $0 * x + $1 }
}

/// Odd and even terms apart, as the header says.
func polynomial(_ coefficients: [Float], _ x: Float) -> Float {
  let square = x * x
  let even = stride(from: 0, to: coefficients.count, by: 2).map { coefficients[$0] }
  let odd = stride(from: 1, to: coefficients.count, by: 2).map { coefficients[$0] }
  return horner(odd, square) * x + horner(even, square)
}

func gelu(_ x: Float) -> Float {
  let coefficients: [Float] = [
    -0x1.d954c8p-16, 0x1.115158p-12, -0x1.d21bf6p-13, -0x1.da63ccp-13, 0x1.43c334p-11, -0x1.dfd794p-12, 0x1.69e0f2p-13, -0x1.f2d9ap-16,
    0x1.f3f13ep-20,
  ]
  let z = min(abs(x), 4.75)
  let w = 4.75 - z
  return max(x, 0) - ((w * w) * z) * polynomial(coefficients, w)
}

func exponential2(_ t: Float) -> Float {
  let coefficients: [Float] = [1, 0x1.62e42ap-1, 0x1.ebf9bcp-3, 0x1.c6b752p-5, 0x1.3cea88p-7, 0x1.5bba12p-10]
  let whole = t.rounded(.toNearestOrEven)
  return Float(sign: .plus, exponent: Int(whole), significand: 1) * polynomial(coefficients, t - whole)
}

struct QuantizedRow: Equatable {
  var codes: [UInt8]
  var range: UInt16
  var zero: UInt8

  init(codes: [UInt8], range: UInt16, zero: UInt8) {
    (self.codes, self.range, self.zero) = (codes, range, zero)
  }

  init(quantizing x: [Int16]) {
    let low = min(0, x.map(Int.init).min() ?? 0)
    let high = max(0, x.map(Int.init).max() ?? 0)
    let span = max(1, high - low)
    let inverse = 255 / Float(span)
    let offset = roundEven(Float(-low) * inverse)
    range = UInt16(span)
    zero = UInt8(offset)
    codes = x.map { UInt8(min(max(roundEven(Float($0) * inverse) + offset, 0), 255)) }
  }

  var step: Float { Float(range) / 255 }

  var dequantized: [Int16] {
    codes.map { requantize(Float(Int($0) - Int(zero)) * step, limit: 32767) }
  }
}

func normalized(_ x: [Int16], epsilon: Double, gain: [Float], shift: [Float], limit: Int) -> [Int16] {
  let n = x.count
  let sum = x.reduce(0) { $0 + Int($1) }
  let squares = x.reduce(0) { $0 + Int($1) * Int($1) }
  let mean = Double(sum) / Double(n)
  let variance = Double(n * squares - sum * sum) / (Double(n) * Double(n))
  let r = 1 / (variance + epsilon).squareRoot()
  let scale = Float(r)
  let offset = Float(-mean * r)
  return x.indices.map { requantize((Float(x[$0]) * scale + offset) * gain[$0] + shift[$0], limit: limit) }
}

/// One row of one head.
func attended(
  query: ArraySlice<Int16>, keys: [ArraySlice<Int16>], values: [ArraySlice<Int16>], scoreScale: Float, rescale: Float, limit: Int
) -> [Int16] {
  let scores = keys.map { key in zip(query, key).reduce(0) { $0 + Int($1.0) * Int($1.1) } }
  let largest = scores.max() ?? 0
  let raw = scores.map { roundEven(exponential2(max(Float($0 - largest) * scoreScale, -30)) * 32767) }
  let factor = min(1, 524288 / Float(raw.reduce(0, +)))
  let weights = factor < 1 ? raw.map { roundEven(Float($0) * factor) } : raw
  let scale = rescale / Float(weights.reduce(0, +))
  return query.indices.map { column in
    let place = column - query.startIndex
    let total = zip(weights, values).reduce(0) { $0 + $1.0 * Int($1.1[$1.1.startIndex + place]) }
    return requantize(Float(total) * scale, limit: limit)
  }
}
