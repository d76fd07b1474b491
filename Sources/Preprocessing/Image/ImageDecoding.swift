import CMedia

extension RGBImage {
  /// Decodes a JPEG or PNG picture to the pixels that `PIL.Image.open(…).convert("RGB")` gives: alpha is dropped, not blended; colour
  /// profiles, gamma and the EXIF orientation are not applied. Grey PNG pictures of 16 bits keep their high byte (Pillow clips them).
  ///
  /// A picture is decoded whole or refused. Before it is decoded, no memory is taken that depends on its size.
  ///
  /// - Parameter maximumPixels: How many pixels the picture may have. Decoding takes 3 bytes for each, and up to 13 where a JPEG is
  ///   progressive.
  package init(decoding bytes: Span<UInt8>, maximumPixels: Int = maximumPixels) throws(MediaError) {
    let format = try ImageFormat(of: bytes)
    let size = try format.check(unsafe bytes.withUnsafeBufferPointer { unsafe format.readSize($0) })
    let (width, height) = (Int(size.width), Int(size.height))
    try Self.check(width: width, height: height, maximumPixels: maximumPixels)
    var result = media_result()
    let pixels = unsafe [UInt8](unsafeUninitializedCapacity: 3 * width * height) { pixels, count in
      result = unsafe bytes.withUnsafeBufferPointer { unsafe format.decode($0, size, into: pixels) }
      count = result.status == MEDIA_DONE ? 3 * width * height : 0
    }
    _ = try format.check(result)
    self.init(width: width, height: height, pixels: pixels)
  }

  static func check(width: Int, height: Int, maximumPixels: Int) throws(MediaError) {
    guard width > 0, height > 0 else { throw .badImageSize(width: width, height: height) }
    guard max(width, height) <= maximumSide, width <= maximumPixels / height else {
      throw .imageTooLarge(width: width, height: height, maximumPixels: maximumPixels)
    }
  }
}

extension ImageFormat {
  private static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  private static let jpegSignature: [UInt8] = [0xFF, 0xD8, 0xFF]

  /// Recognises a picture.
  package init(of bytes: Span<UInt8>) throws(MediaError) {
    if bytes.isEmpty { throw .empty }
    if Self.begins(bytes, with: Self.jpegSignature) {
      self = .jpeg
    } else if Self.begins(bytes, with: Self.pngSignature) {
      self = .png
    } else {
      throw .unknownImageFormat
    }
  }

  private static func begins(_ bytes: Span<UInt8>, with signature: [UInt8]) -> Bool {
    guard bytes.count >= signature.count else { return false }
    return signature.indices.allSatisfy { bytes[$0] == signature[$0] }
  }

  fileprivate func readSize(_ bytes: UnsafeBufferPointer<UInt8>) -> media_result {
    switch self {
    case .jpeg: unsafe media_jpeg_size(bytes.baseAddress, bytes.count)
    case .png: unsafe media_png_size(bytes.baseAddress, bytes.count)
    }
  }

  /// `pixels` must have room for 3 × width × height bytes.
  fileprivate func decode(_ bytes: UnsafeBufferPointer<UInt8>, _ size: media_result, into pixels: UnsafeMutableBufferPointer<UInt8>)
    -> media_result
  {
    switch self {
    case .jpeg: unsafe media_jpeg_rgb(bytes.baseAddress, bytes.count, size.width, size.height, pixels.baseAddress)
    case .png: unsafe media_png_rgb(bytes.baseAddress, bytes.count, size.width, size.height, pixels.baseAddress)
    }
  }

  fileprivate func check(_ result: media_result) throws(MediaError) -> media_result {
    switch result.status {
    case MEDIA_DONE: return result
    case MEDIA_TRUNCATED: throw .truncatedImage(self)
    case MEDIA_UNSUPPORTED: throw .unsupportedImage(self, code: Int(result.code))
    case MEDIA_EXCESSIVE: throw .excessiveImage(self)
    default: throw .damagedImage(self, code: Int(result.code))
    }
  }
}
