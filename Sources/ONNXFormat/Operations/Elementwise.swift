import CKernels
import ModelGraph

// What works element by element.
extension GraphWriter {
  /// The sum of two tensors; `factor` is what the second is multiplied with.
  mutating func sum(_ node: Node, factor: Float, _ target: Target) -> ONNXValue {
    let first = onnx.product(step(node.inputs[0]), onnx.number(scale(node.inputs[0]) / target.divisor))
    return onnx.sum(first, onnx.product(step(node.inputs[1]), onnx.number(factor * (scale(node.inputs[1]) / target.divisor))))
  }

  mutating func gatedSum(_ node: Node, _ target: Target) -> ONNXValue {
    sum(node, factor: kernels_tanh(vector(node.parameters[0])[0]), target)
  }

  mutating func activation(_ function: Activation, _ x: ONNXValue) -> ONNXValue {
    switch function {
    case .gelu: return gelu(x)
    case .quickGelu: return quickGelu(x)
    case .relu: return onnx.add("Max", [x, onnx.number(0)])
    case .relu6: return onnx.add("Clip", [x, onnx.number(0), onnx.number(6)])
    }
  }

  private mutating func gelu(_ x: ONNXValue) -> ONNXValue {
    let bound = onnx.number(Polynomial.geluBound)
    let near = onnx.add("Min", [onnx.add("Abs", [x]), bound])
    let rest = onnx.difference(bound, near)
    let (square, value) = polynomial(Polynomial.gelu, rest)
    return onnx.difference(onnx.add("Max", [x, onnx.number(0)]), onnx.product(onnx.product(square, near), value))
  }

  private mutating func quickGelu(_ x: ONNXValue) -> ONNXValue {
    let size = onnx.add("Abs", [x])
    let power = exponential(onnx.product(onnx.number(Polynomial.quickGeluRate), size))
    let share = onnx.quotient(power, onnx.sum(onnx.number(1), power))
    return onnx.difference(onnx.add("Max", [x, onnx.number(0)]), onnx.product(size, share))
  }

  /// exp2 of integers of at most 0 times a scale.
  mutating func exponentials(of integers: ONNXValue, scale: Double) -> ONNXValue {
    exponential(onnx.product(integers, onnx.number(Float(scale))))
  }

  /// exp2 of a number of at most 0, and at least that of −30.
  private mutating func exponential(_ x: ONNXValue) -> ONNXValue {
    let limited = onnx.add("Max", [x, onnx.number(-30)])
    let whole = onnx.add("Round", [limited])
    let (_, value) = polynomial(Polynomial.exp2, onnx.difference(limited, whole))
    let powers = onnx.constant("powers", [31], (0...30).map { Float(sign: .plus, exponent: -$0, significand: 1) })
    let places = onnx.cast(onnx.add("Neg", [whole]), to: .int64)
    return onnx.product(value, onnx.add("Gather", [powers, places]))
  }

  /// v² and odd(v²) · v + even(v²), both by Horner's rule. Coefficients from the lowest on.
  private mutating func polynomial(_ coefficients: [Float], _ v: ONNXValue) -> (square: ONNXValue, value: ONNXValue) {
    let square = onnx.product(v, v)
    let halves = [1, 0].map { first in
      let own = stride(from: first, to: coefficients.count, by: 2).map { coefficients[$0] }.reversed().map { onnx.number($0) }
      return own.dropFirst().reduce(own[0]) { onnx.sum(onnx.product($0, square), $1) }
    }
    return (square, onnx.sum(onnx.product(halves[0], v), halves[1]))
  }

  static var logarithmOf2: Double { 0.693_147_180_559_945_3 }
}

/// The polynomials of the kernels, see `polynomials.h`.
private enum Polynomial {
  static let geluBound: Float = 4.75
  static let gelu: [Float] = [
    -0x1.d954c8p-16, 0x1.115158p-12, -0x1.d21bf6p-13, -0x1.da63ccp-13, 0x1.43c334p-11, -0x1.dfd794p-12, 0x1.69e0f2p-13, -0x1.f2d9ap-16,
    0x1.f3f13ep-20,
  ]
  static let exp2: [Float] = [1, 0x1.62e42ap-1, 0x1.ebf9bcp-3, 0x1.c6b752p-5, 0x1.3cea88p-7, 0x1.5bba12p-10]
  static let quickGeluRate: Float = -2.4554669
}
