import Preprocessing
import TestSupport
import Testing

private func filter(_ name: String) -> ResizeFilter { name == "bicubic" ? .bicubic : .bilinear }

private func exact(_ width: Int, _ height: Int, _ filter: ResizeFilter = .bilinear) throws -> ImageOptions {
  try ImageOptions(width: width, height: height, fit: .exact, filter: filter, mean: .zero, deviation: .one)
}

@Test func resizedPicturesAreThoseOfPillowToTheBit() throws {
  let rows = try Golden.rows(of: "resizes.tsv")
  #expect(rows.count == 120)
  for row in rows {
    let numbers = row.prefix(4).compactMap { Int($0) }
    let options = try exact(numbers[2], numbers[3], filter(row[4]))
    let image = try options.prepare(Noise.image(width: numbers[0], height: numbers[1]))
    #expect(CRC32(of: image.pixels).value == UInt32(row[5], radix: 16), "\(row)")
  }
}

@Test func inputsOfModelsAreThoseOfTransformers() throws {
  let half = SIMD3<Float>(repeating: 0.5)
  let clip = try ImageOptions.clip()
  let known = [
    "vit": try ImageOptions(width: 16, height: 16, fit: .exact, filter: .bilinear, mean: half, deviation: half),
    "clip": try ImageOptions(
      width: 16, height: 16, fit: .shortestEdge(16), filter: .bicubic, mean: clip.mean, deviation: clip.deviation),
    "mobilenet": try ImageOptions(width: 16, height: 16, fit: .shortestEdge(21), filter: .bilinear, mean: half, deviation: half),
  ]
  for row in try Golden.rows(of: "processors.tsv") {
    let options = try #require(known[row[0]])
    let (width, height) = (try #require(Int(row[1])), try #require(Int(row[2])))
    let found = try options.normalized(Noise.image(width: width, height: height))
    let expected = Golden.floats(hexadecimal: row[3])
    #expect(found.count == expected.count)
    // Pillow 13 takes the columns of a tall picture first: a pixel may differ by 1, and by 2 with the bicubic filter.
    let step = height == 100 ? options.scale.max() * (row[0] == "clip" ? 2 : 1) : 0
    let error = zip(found, expected).map { abs($0 - $1) }.max() ?? 0
    #expect(error < step + 2e-6, "\(row[0]), \(width) × \(height): \(error)")
  }
}

@Test func theAffineGivesWhatNormalizedGives() throws {
  let options = try ImageOptions.clip()
  let image = try Noise.image(width: 50, height: 40)
  let pixels = try options.prepare(image).pixels
  let values = try options.normalized(image)
  for index in pixels.indices { #expect(values[index] == Float(pixels[index]) * options.scale[index % 3] + options.offset[index % 3]) }
}

@Test func aPictureOfTheWantedSizeStaysAsItIs() throws {
  let image = try Noise.image(width: 31, height: 17)
  #expect(try exact(31, 17).prepare(image) == image)
  #expect(try exact(31, 17, .bicubic).prepare(image) == image)
}

@Test func theMiddleIsThatOfTheWholePictureResized() throws {
  var generator = SeededGenerator(seed: 6)
  for _ in 0..<scaled(100) {
    let (width, height) = (Int.random(in: 1..<80, using: &generator), Int.random(in: 1..<80, using: &generator))
    let edge = Int.random(in: 1..<40, using: &generator)
    let side = Int.random(in: 1...edge, using: &generator)
    let image = try Noise.image(width: width, height: height)
    let wide = width <= height ? edge : edge * width / height
    let high = width <= height ? edge * height / width : edge
    let whole = try exact(wide, high, .bicubic).prepare(image)
    let cut = try ImageOptions(width: side, height: side, fit: .shortestEdge(edge), filter: .bicubic, mean: .zero, deviation: .one)
    let middle = try cut.prepare(image)
    for row in 0..<side {
      let start = 3 * (((high - side) / 2 + row) * wide + (wide - side) / 2)
      #expect(middle.pixels[(3 * row * side)...].prefix(3 * side) == whole.pixels[start...].prefix(3 * side))
    }
  }
}

@Test func aLongNarrowPictureIsResizedInBoundedSpace() throws {
  let image = try Noise.image(width: RGBImage.maximumSide, height: 1)
  #expect(try ImageOptions.clip().prepare(image).pixels.count == 224 * 224 * 3)
  #expect(try ImageOptions.vit().prepare(image).pixels.count == 224 * 224 * 3)
}

@Test func impossibleOptionsAreRefused() {
  #expect(throws: MediaError.badImageOptions("0 × 5 pixels")) { try exact(0, 5) }
  #expect(throws: MediaError.badImageOptions("5 × 4097 pixels")) { try exact(5, 4097) }
  #expect(throws: MediaError.badImageOptions("a shortest edge of 7 pixels")) {
    try ImageOptions(width: 8, height: 8, fit: .shortestEdge(7), filter: .bilinear, mean: .zero, deviation: .one)
  }
  #expect(throws: MediaError.badImageOptions("a deviation that is not above 0")) {
    try ImageOptions(width: 8, height: 8, fit: .exact, filter: .bilinear, mean: .zero, deviation: [1, 0, 1])
  }
  #expect(throws: MediaError.badImageOptions("a mean that is not finite")) {
    try ImageOptions(width: 8, height: 8, fit: .exact, filter: .bilinear, mean: [.nan, 0, 1], deviation: .one)
  }
  #expect(throws: MediaError.badImageOptions("a crop fraction of 0.0")) { try ImageOptions.imageNet(cropFraction: 0, filter: .bilinear) }
}

@Test func theImageNetFamilyResizesByItsCropFraction() throws {
  #expect(try ImageOptions.imageNet(filter: .bilinear).fit == .shortestEdge(256))
  #expect(try ImageOptions.imageNet(cropFraction: 0.95, filter: .bicubic).fit == .shortestEdge(235))
}
