/// A picture of 8 bits a channel.
package struct RGBImage: Sendable, Equatable {
  /// The most pixels that a side may have.
  package static let maximumSide = 1 << 16 - 1
  /// The most pixels that a picture may have, unless the caller says otherwise.
  package static let maximumPixels = 1 << 26

  package let width: Int
  package let height: Int
  /// [height, width, 3]: rows from the top, pixels from the left, then red, green and blue.
  package let pixels: [UInt8]

  /// `pixels` must have 3 × width × height elements.
  package init(width: Int, height: Int, pixels: [UInt8]) {
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}
