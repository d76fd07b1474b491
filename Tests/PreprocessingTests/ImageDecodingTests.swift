import Preprocessing
import TestSupport
import Testing

/// The files that tools/oracles/images.py writes, in the order of their names.
private let pictures = [
  "adam7.png", "alpha.png", "alpha16.png", "baseline420.jpg", "baseline422.jpg", "baseline444.jpg", "colour16.png", "grey1.png",
  "grey16.png", "grey2.png", "grey4.png", "grey8.png", "greyalpha.png", "greyprogressive.jpg", "greyscale.jpg", "inks.jpg",
  "palette1.png", "palette4.png", "palette8.png", "progressive.jpg", "restarts.jpg", "rgbcoded.jpg", "truecolour.png",
]

private func decode(_ bytes: [UInt8], maximumPixels: Int = 10000) throws(MediaError) -> RGBImage {
  try RGBImage(decoding: bytes.span, maximumPixels: maximumPixels)
}

/// Whether bytes give a picture within the limit. Any error but `MediaError` does not compile.
private func isDecoded(_ bytes: [UInt8]) -> Bool {
  do throws(MediaError) {
    let image = try decode(bytes)
    #expect(image.pixels.count == 3 * image.width * image.height && image.width * image.height <= 10000)
    return true
  } catch {
    return false
  }
}

@Test(arguments: pictures) func pixelsAreThoseOfPillow(name: String) throws {
  let image = try decode(Golden.bytes(of: name))
  #expect(image.width == 37 && image.height == 29)
  let index = try #require(pictures.firstIndex(of: name))
  #expect(try image.pixels == Golden.bytes(of: "pictures.rgb").dropFirst(index * 37 * 29 * 3).prefix(37 * 29 * 3).map { $0 })
}

@Test(arguments: pictures) func aPictureCutOffAnywhereIsRefused(name: String) throws {
  let bytes = try Golden.bytes(of: name)
  for count in bytes.indices {
    #expect(throws: MediaError.self, "\(count)") { try decode(Array(bytes.prefix(count))) }
  }
}

@Test func bytesBehindAPictureDoNotMatter() throws {
  for name in pictures {
    #expect(isDecoded(try Golden.bytes(of: name) + [0, 1, 2, 3]), "\(name)")
  }
}

@Test(arguments: pictures) func aPictureWithAnyBitFlippedIsDecodedOrRefused(name: String) throws {
  var bytes = try Golden.bytes(of: name)
  var decoded = 0
  for index in bytes.indices {
    for bit in 0..<8 {
      bytes[index] ^= 1 << bit
      if isDecoded(bytes) { decoded += 1 }
      bytes[index] ^= 1 << bit
    }
  }
  // Every byte of a PNG file stands under a check sum; those of chunks that are not read are the exception.
  if name.hasSuffix("png") { #expect(decoded <= 8 * 64, "\(decoded)") }
}

@Test func randomlyDamagedPicturesAreDecodedOrRefused() throws {
  var generator = SeededGenerator(seed: 5)
  let originals = try pictures.map { try Golden.bytes(of: $0) }
  for _ in 0..<scaled(3000) {
    guard var bytes = originals.randomElement(using: &generator) else { return }
    for _ in 0..<Int.random(in: 1..<12, using: &generator) where bytes.count > 1 {
      let start = Int.random(in: 0..<bytes.count - 1, using: &generator)
      switch Int.random(in: 0..<3, using: &generator) {
      case 0: bytes[start] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes.removeSubrange(start..<min(bytes.count - 1, start + 20))
      default: bytes.insert(contentsOf: bytes.suffix(from: start).prefix(16), at: start)
      }
    }
    _ = isDecoded(bytes)
  }
}

@Test func whatIsNoPictureIsToldApart() {
  #expect(throws: MediaError.empty) { try decode([]) }
  #expect(throws: MediaError.unknownImageFormat) { try decode(Array("GIF89a".utf8)) }
  #expect(throws: MediaError.unknownImageFormat) { try decode([0xFF]) }
  #expect(throws: MediaError.truncatedImage(.jpeg)) { try decode([0xFF, 0xD8, 0xFF]) }
  #expect(throws: MediaError.truncatedImage(.png)) { try decode([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) }
}

@Test func aPictureTooLargeIsRefusedByItsHeader() throws {
  for name in ["truecolour.png", "baseline420.jpg"] {
    let bytes = try Golden.bytes(of: name)
    #expect(throws: MediaError.imageTooLarge(width: 37, height: 29, maximumPixels: 1000)) { try decode(bytes, maximumPixels: 1000) }
    #expect(try decode(bytes, maximumPixels: 37 * 29).width == 37)
  }
}

@Test func aJPEGHeaderThatPromisesMuchIsRefused() throws {
  var bytes = try Golden.bytes(of: "progressive.jpg")
  let frame = try #require(bytes.indices.dropLast(9).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC2 })
  bytes.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0x00, 0xFF, 0x00])
  #expect(throws: MediaError.imageTooLarge(width: 65280, height: 65280, maximumPixels: 1 << 26)) {
    try decode(bytes, maximumPixels: 1 << 26)
  }
}

@Test(arguments: ["limited", "full"]) func framesOfLumaAndChromaHaveTheColoursOfBT601(name: String) throws {
  let row = try #require(try Golden.rows(of: "yuyv.tsv").first { $0[0] == name })
  let (frame, expected) = (Golden.bytes(hexadecimal: row[1]), Golden.bytes(hexadecimal: row[2]))
  let image = try RGBImage(yuyv: frame.span, width: 16, height: 4, range: name == "full" ? .full : .limited)
  #expect(image.pixels.count == expected.count)
  for (found, wanted) in zip(image.pixels, expected) { #expect(abs(Int(found) - Int(wanted)) <= 1) }
  #expect(zip(image.pixels, expected).count { $0 != $1 } <= 2)
}

@Test func framesOfTheWrongSizeAreRefused() {
  let bytes = [UInt8](repeating: 0, count: 24)
  #expect(throws: MediaError.frameSize(found: 24, expected: 27)) { try RGBImage(rgb24: bytes.span, width: 3, height: 3) }
  #expect(throws: MediaError.frameSize(found: 24, expected: 16)) { try RGBImage(yuyv: bytes.span, width: 2, height: 4) }
  #expect(throws: MediaError.badImageSize(width: 3, height: 4)) { try RGBImage(yuyv: bytes.span, width: 3, height: 4) }
  #expect(throws: MediaError.badImageSize(width: 0, height: 4)) { try RGBImage(rgb24: bytes.span, width: 0, height: 4) }
  #expect(throws: MediaError.badImageSize(width: -1, height: -24)) { try RGBImage(rgb24: bytes.span, width: -1, height: -24) }
  #expect(throws: MediaError.imageTooLarge(width: .max, height: 2, maximumPixels: RGBImage.maximumPixels)) {
    try RGBImage(rgb24: bytes.span, width: .max, height: 2)
  }
  #expect(throws: MediaError.empty) { try RGBImage(rgb24: [UInt8]().span, width: 1, height: 1) }
}
