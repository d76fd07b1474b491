/// How pixels between the pixels of a picture are made.
package enum ResizeFilter: Sendable {
  /// A triangle of 2 pixels.
  case bilinear
  /// The cubic convolution of Keys (1981) with a = −½, of 4 pixels.
  case bicubic

  /// How far from its middle the filter reaches, in pixels.
  var support: Double {
    switch self {
    case .bilinear: 1
    case .bicubic: 2
    }
  }

  func weight(at distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .bilinear: return x < 1 ? 1 - x : 0
    case .bicubic where x < 1: return (1.5 * x - 2.5) * x * x + 1
    case .bicubic: return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0
    }
  }
}

/// Which input pixels make which output pixels along one side, and with what weights: those of Pillow's `Image.resize` for 8 bits.
struct ResampleTaps {
  /// Weights are multiples of 2⁻²².
  static let precision: Int32 = 22

  /// For each output pixel its first input pixel.
  private(set) var starts: [Int] = []
  /// How many weights each output pixel has; those behind its last input pixel are left off.
  private(set) var counts: [Int] = []
  /// Row by row `stride` weights, of which `counts` hold.
  private(set) var weights: [Int32]
  let stride: Int

  /// The input pixels that have a weight.
  var inputs: Range<Int> {
    guard let first = starts.min(), let last = zip(starts, counts).map({ $0 + $1 }).max() else { return 0..<0 }
    return first..<last
  }

  /// - Parameters:
  ///   - input: The pixels of the side before, 1 or more.
  ///   - output: The pixels of the side after, 1 or more.
  ///   - window: Those of the output's pixels that are wanted.
  init(from input: Int, to output: Int, window: Range<Int>, filter: ResizeFilter) {
    let scale = Double(input) / Double(output)
    let stretch = max(scale, 1)
    let support = filter.support * stretch
    stride = 2 * (Int(support) + 1) + 1
    weights = []
    weights.reserveCapacity(window.count * stride)
    for pixel in window {
      let centre = (Double(pixel) + 0.5) * scale
      let first = max(0, Int(centre - support + 0.5))
      let end = min(input, Int(centre + support + 0.5))
      append((first..<end).map { filter.weight(at: (Double($0) - centre + 0.5) * (1 / stretch)) }, from: first)
    }
  }

  private mutating func append(_ exact: [Double], from start: Int) {
    starts.append(start)
    counts.append(exact.count)
    let sum = exact.reduce(0, +)
    for weight in exact { weights.append(Self.fixed(sum == 0 ? weight : weight / sum)) }
    for _ in exact.count..<max(stride, exact.count) { weights.append(0) }
  }

  private static func fixed(_ weight: Double) -> Int32 {
    let scaled = weight * Double(1 << precision as Int32)
    return Int32(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
  }
}
