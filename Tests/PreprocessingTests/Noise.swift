import Preprocessing

/// The noise that tools/oracles/images.py and sounds.py describe.
enum Noise {
  static func bytes(count: Int) -> [UInt8] {
    var state: UInt32 = 1
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
  }

  static func image(width: Int, height: Int) throws -> RGBImage {
    try RGBImage(rgb24: bytes(count: 3 * width * height).span, width: width, height: height)
  }

  static func sound(count: Int, rate: Int) throws -> Sound {
    try Sound(rate: rate, samples: bytes(count: count).map { (Float($0) - 128) / 128 })
  }
}
