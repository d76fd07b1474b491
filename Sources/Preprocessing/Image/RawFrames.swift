/// Which values stand for black and white in a frame of luma and chroma.
package enum LumaRange: Sendable {
  /// Luma 16 to 235, chroma 16 to 240: what most cameras and all of television send.
  case limited
  /// Luma and chroma 0 to 255, as in JPEG.
  case full
}

extension RGBImage {
  /// A frame that is RGB already: rows from the top without gaps, 3 × width × height bytes.
  package init(rgb24 bytes: Span<UInt8>, width: Int, height: Int) throws(MediaError) {
    try Self.check(width: width, height: height, maximumPixels: Self.maximumPixels)
    try Self.check(bytes, expected: 3 * width * height)
    self.init(width: width, height: height, pixels: bytes.indices.map { bytes[$0] })
  }

  /// A YUYV (YUY2) frame: for each two neighbouring pixels the bytes Y₀ U Y₁ V, rows from the top without gaps, 2 × width × height bytes.
  /// The width must be even.
  ///
  /// The colours are those of BT.601, rounded to nearest. Both pixels have the chroma of their pair, without interpolation.
  package init(yuyv bytes: Span<UInt8>, width: Int, height: Int, range: LumaRange = .limited) throws(MediaError) {
    try Self.check(width: width, height: height, maximumPixels: Self.maximumPixels)
    guard width.isMultiple(of: 2) else { throw .badImageSize(width: width, height: height) }
    try Self.check(bytes, expected: 2 * width * height)
    let matrix = ColourMatrix(range)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * width * height)
    for pair in stride(from: 0, to: bytes.count, by: 4) {
      let (u, v) = (Int32(bytes[pair + 1]) - 128, Int32(bytes[pair + 3]) - 128)
      matrix.append(luma: bytes[pair], u, v, to: &pixels)
      matrix.append(luma: bytes[pair + 2], u, v, to: &pixels)
    }
    self.init(width: width, height: height, pixels: pixels)
  }

  private static func check(_ bytes: Span<UInt8>, expected: Int) throws(MediaError) {
    if bytes.isEmpty { throw .empty }
    guard bytes.count == expected else { throw .frameSize(found: bytes.count, expected: expected) }
  }
}

/// BT.601 from luma and chroma to RGB; factors are multiples of 2⁻¹⁶.
private struct ColourMatrix {
  private let black: Int32
  private let luma: Int32
  private let redOfV: Int32
  private let greenOfU: Int32
  private let greenOfV: Int32
  private let blueOfU: Int32

  init(_ range: LumaRange) {
    switch range {
    case .limited: (black, luma, redOfV, greenOfU, greenOfV, blueOfU) = (16, 76309, 104_597, 25675, 53279, 132_201)
    case .full: (black, luma, redOfV, greenOfU, greenOfV, blueOfU) = (0, 65536, 91881, 22554, 46802, 116_130)
    }
  }

  func append(luma value: UInt8, _ u: Int32, _ v: Int32, to pixels: inout [UInt8]) {
    let light = (Int32(value) - black) * luma + 1 << 15
    pixels.append(Self.byte(light + redOfV * v))
    pixels.append(Self.byte(light - greenOfU * u - greenOfV * v))
    pixels.append(Self.byte(light + blueOfU * u))
  }

  private static func byte(_ scaled: Int32) -> UInt8 { UInt8(max(0, min(255, scaled >> 16))) }
}
