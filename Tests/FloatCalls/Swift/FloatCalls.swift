import CFloatCalls

/// Passes floats to C and back in every way that the device side may, and prints whether all arrived. Each architecture has its own
/// rules for that, and on armv7 two of them: the compilers of Swift and C must agree.
@main
struct FloatCalls {
  static func main() {
    print(failures == 0 ? "floats pass both ways" : "floats go wrong: \(failures)")
  }

  /// A bit for each way that fails.
  static var failures: Int {
    let swapped = float_calls_swap(float_pair(x: 1.5, y: -2.5))
    let turned = float_calls_turn(double_triple(x: 1, y: 2, z: 3), float_pair(x: 0.25, y: 0.5))
    let right = [
      float_calls_sum(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12) == 650,
      float_calls_half(0.75) == 0.375,
      float_calls_third(1) == 1 / 3,
      swapped.x == -2.5 && swapped.y == 1.5,
      turned.x == 2.25 && turned.y == 3.5 && turned.z == 1,
      float_calls_float { a, b, c, d in a + 10 * Float(b) + 100 * Float(c) + 1000 * d } == 4321,
      float_calls_double { a, b, c, d in a + 10 * Double(b) + 100 * Double(c.x) + 1000 * Double(c.y) + 10000 * d } == 54321,
    ]
    return right.indices.reduce(0) { right[$1] ? $0 : $0 | 1 << $1 }
  }
}
