import Preprocessing
import Testing

/// A PNG file as chunks, whose lengths and check sums are made when it is written.
private struct PNGFile {
  var chunks: [(name: String, contents: [UInt8])] = []

  init(golden name: String) throws {
    var rest = try Golden.bytes(of: name).dropFirst(8)
    while rest.count >= 12 {
      let count = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      chunks.append((String(decoding: rest.dropFirst(4).prefix(4), as: UTF8.self), Array(rest.dropFirst(8).prefix(count))))
      rest = rest.dropFirst(12 + count)
    }
  }

  var bytes: [UInt8] {
    chunks.reduce(into: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { bytes, chunk in
      let named = Array(chunk.name.utf8) + chunk.contents
      bytes += Self.bytes(of: UInt32(chunk.contents.count)) + named + Self.bytes(of: CRC32(of: named).value)
    }
  }

  private static func bytes(of value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }

  func index(of name: String) throws -> Int { try #require(chunks.firstIndex { $0.name == name }) }

  func decoded() throws(MediaError) -> [UInt8] {
    let bytes = bytes
    return try RGBImage(decoding: bytes.span, maximumPixels: 10000).pixels
  }
}

@Test func compressedDataMayBeSplitAnywhere() throws {
  var file = try PNGFile(golden: "adam7.png")
  let (pixels, data) = (try file.decoded(), try file.index(of: "IDAT"))
  let split = file.chunks[data].contents.flatMap { [(name: "IDAT", contents: [$0]), (name: "IDAT", contents: [])] }
  file.chunks.replaceSubrange(data...data, with: split)
  #expect(try file.decoded() == pixels)
}

@Test func onlyChunksThatNeedNotBeKnownAreSkipped() throws {
  let original = try PNGFile(golden: "palette8.png")
  let pixels = try original.decoded()
  for place in 1..<original.chunks.count {
    var file = original
    file.chunks.insert(("quIT", [1, 2, 3]), at: place)
    #expect(try file.decoded() == pixels)
    for name in ["QuIT", "IHDR", "IEND", "qu1T"] {
      file.chunks[place].name = name
      if name != "IEND" || place < original.chunks.count - 1 { #expect(throws: MediaError.self, "\(name) \(place)") { try file.decoded() } }
    }
  }
}

@Test(arguments: ["IHDR", "PLTE", "IDAT", "IEND"]) func aPictureThatLacksAChunkIsRefused(name: String) throws {
  var file = try PNGFile(golden: "palette8.png")
  file.chunks.remove(at: try file.index(of: name))
  #expect(throws: MediaError.self) { try file.decoded() }
}

@Test func aStreamThatEndsEarlyIsRefused() throws {
  var file = try PNGFile(golden: "truecolour.png")
  let data = try file.index(of: "IDAT")
  while !file.chunks[data].contents.isEmpty {
    file.chunks[data].contents.removeLast()
    #expect(throws: MediaError.damagedImage(.png, code: 0)) { try file.decoded() }
  }
}

@Test func bytesBehindTheStreamDoNotMatter() throws {
  var file = try PNGFile(golden: "truecolour.png")
  let (pixels, data) = (try file.decoded(), try file.index(of: "IDAT"))
  file.chunks[data].contents += [1, 2, 3]
  file.chunks.insert(("IDAT", [4]), at: data + 1)
  #expect(try file.decoded() == pixels)
}

@Test func aHeaderThatDoesNotFitThePictureIsRefused() throws {
  for (place, value) in [(3, UInt8(38)), (7, 30), (3, 0), (0, 0x80), (8, 3), (8, 16), (9, 5), (10, 1), (11, 1), (12, 2)] {
    var file = try PNGFile(golden: "palette8.png")
    file.chunks[0].contents[place] = value
    #expect(throws: MediaError.self, "\(place) \(value)") { try file.decoded() }
  }
}

@Test func coloursBehindThePaletteAreBlack() throws {
  var file = try PNGFile(golden: "palette8.png")
  let palette = try file.index(of: "PLTE")
  let pixels = try file.decoded()
  let kept = Array(file.chunks[palette].contents.prefix(3))
  file.chunks[palette].contents = kept
  let found = try file.decoded()
  for start in stride(from: 0, to: pixels.count, by: 3) {
    let colour = Array(found[start..<start + 3])
    #expect(colour == [0, 0, 0] || colour == kept)
  }
}
