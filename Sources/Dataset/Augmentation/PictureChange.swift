import CMath
package import Preprocessing

/// How a picture is changed: cut or widened, mirrored, and its colours moved.
package struct PictureChange: Hashable, Sendable {
  /// The part that is seen: its corner and its sides, as shares of the picture's sides. Beyond the picture its edge goes on.
  package var left: Float = 0
  package var top: Float = 0
  package var width: Float = 1
  package var height: Float = 1
  /// Left and right exchanged.
  package var isMirrored = false
  /// Degrees on the circle of colours.
  package var hue: Float = 0
  /// Factors: of the distance from grey, of all, and of the distance from the mean grey.
  package var saturation: Float = 1
  package var brightness: Float = 1
  package var contrast: Float = 1

  /// No change.
  package init() {}

  /// The changed picture, as many pixels as are seen, at least one.
  package func apply(to image: RGBImage) -> RGBImage {
    let columns = Self.range(left, width, of: image.width)
    let rows = Self.range(top, height, of: image.height)
    let colours = ColourMap(self, greyOf: image)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * columns.count * rows.count)
    for row in rows {
      let line = max(0, min(image.height - 1, row)) * image.width
      for column in columns {
        let place = isMirrored ? columns.lowerBound + columns.upperBound - 1 - column : column
        let start = 3 * (line + max(0, min(image.width - 1, place)))
        colours.append(image.pixels[start], image.pixels[start + 1], image.pixels[start + 2], to: &pixels)
      }
    }
    return RGBImage(width: columns.count, height: rows.count, pixels: pixels)
  }

  private static func range(_ start: Float, _ length: Float, of count: Int) -> Range<Int> {
    let first = Int((start * Float(count)).rounded())
    return first..<max(first + 1, Int(((start + length) * Float(count)).rounded()))
  }
}

/// The change of colours as one affine map of red, green and blue; hue and saturation as the filters of SVG 1.1 have them (`hueRotate`,
/// `saturate`).
private struct ColourMap {
  private static let luma = SIMD3<Float>(0.213, 0.715, 0.072)
  private let ofRed: SIMD3<Float>
  private let ofGreen: SIMD3<Float>
  private let ofBlue: SIMD3<Float>
  private let offset: SIMD3<Float>

  init(_ change: PictureChange, greyOf image: RGBImage) {
    let angle = Double(change.hue) * .pi / 180
    let (along, across) = (change.saturation * Float(cos(angle)), change.saturation * Float(sin(angle)))
    let gain = change.brightness * change.contrast
    func column(_ luma: Float, _ own: SIMD3<Float>, _ turned: SIMD3<Float>) -> SIMD3<Float> {
      let grey = SIMD3(repeating: luma)
      return gain * (grey + along * (own - grey) + across * turned)
    }
    ofRed = column(Self.luma.x, [1, 0, 0], [-0.213, 0.143, -0.787])
    ofGreen = column(Self.luma.y, [0, 1, 0], [-0.715, 0.140, 0.715])
    ofBlue = column(Self.luma.z, [0, 0, 1], [0.928, -0.283, 0.072])
    offset = SIMD3(repeating: (1 - change.contrast) * change.brightness * Self.meanGrey(image) + 0.5)
  }

  private static func meanGrey(_ image: RGBImage) -> Float {
    var sums = (0, 0, 0)
    for pixel in stride(from: 0, to: image.pixels.count, by: 3) {
      sums.0 += Int(image.pixels[pixel])
      sums.1 += Int(image.pixels[pixel + 1])
      sums.2 += Int(image.pixels[pixel + 2])
    }
    let sum = SIMD3(Float(sums.0), Float(sums.1), Float(sums.2))
    return (luma * sum).sum() / Float(max(1, image.width * image.height))
  }

  func append(_ red: UInt8, _ green: UInt8, _ blue: UInt8, to pixels: inout [UInt8]) {
    let colour = offset + Float(red) * ofRed + Float(green) * ofGreen + Float(blue) * ofBlue
    for channel in 0..<3 { pixels.append(UInt8(max(0, min(255, colour[channel])))) }
  }
}
