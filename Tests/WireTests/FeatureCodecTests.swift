import TestSupport
import Testing

import Wire

private func decodeFeatures(_ bytes: [UInt8], compressed: Bool = true, expected: Int) throws(FeatureError) -> [UInt8] {
  let decoder = FeatureDecoder()
  return try decoder.decode(EncodedFeatures(bytes: bytes, compressed: compressed), expected: expected)
}

/// A zstd frame packed by hand: descriptor, then what follows it, then blocks.
private func zstdFrame(_ descriptor: UInt8, _ fields: [UInt8], _ blocks: [[UInt8]]) -> [UInt8] {
  [0x28, 0xB5, 0x2F, 0xFD, descriptor] + fields + blocks.flatMap { $0 }
}

/// A block that repeats one byte up to 128 KiB times: four bytes of input.
private func run(of byte: UInt8, count: Int, last: Bool) -> [UInt8] {
  let header = count << 3 | 2 | (last ? 1 : 0)
  return [UInt8(header & 0xFF), UInt8(header >> 8 & 0xFF), UInt8(header >> 16 & 0xFF), byte]
}

private func contentSize(_ size: UInt32) -> [UInt8] {
  (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
}

@Test func featuresComeBack() throws {
  var random = SeededGenerator(seed: 3)
  let encoder = FeatureEncoder()
  let decoder = FeatureDecoder()
  for size in [1, 2, 15, 16, 17, 100, 387, 16 * 387, 128 * 387, 512 * 387] {
    let plain = random.bytes(size)
    let even = plain.map { $0 & 7 }
    for features in [plain, even] {
      let encoded = encoder.encode(features.span)
      #expect(try decoder.decode(encoded, expected: size) == features)
      #expect(encoded.bytes.count <= size)
    }
    #expect(!encoder.encode(plain.span).compressed, "noise of \(size) bytes cannot shrink")
    #expect(encoder.encode(even.span).compressed == (size >= 100), "\(size) bytes of three bits")
  }
}

@Test func rawFeaturesHaveTheExactSize() {
  #expect(throws: FeatureError.size(found: 3, expected: 4)) { try decodeFeatures([1, 2, 3], compressed: false, expected: 4) }
  #expect(throws: FeatureError.size(found: 5, expected: 4)) { try decodeFeatures([1, 2, 3, 4, 5], compressed: false, expected: 4) }
}

@Test func handPackedFramesAreReadAsSpecified() throws {
  let blocks = [run(of: 9, count: 1000, last: true)]
  #expect(try decodeFeatures(zstdFrame(0xA0, contentSize(1000), blocks), expected: 1000) == Array(repeating: 9, count: 1000))
  #expect(try decodeFeatures(zstdFrame(0x80, [0x50] + contentSize(1000), blocks), expected: 1000).count == 1000)
}

@Test func bombsAreRefused() {
  let full = 128 << 10
  let blocks = (0..<250).map { run(of: 0, count: full, last: $0 == 249) }
  let size = UInt32(full * 250)
  // A ratio of 32,000 in 1,000 bytes, honest and lying about its size.
  #expect(throws: FeatureError.window(found: UInt64(size), limit: 8 << 20)) {
    try decodeFeatures(zstdFrame(0xA0, contentSize(size), blocks), expected: 6192)
  }
  #expect(throws: FeatureError.contentSize(found: UInt64(size), expected: 6192)) {
    try decodeFeatures(zstdFrame(0x80, [0x38] + contentSize(size), blocks), expected: 6192)
  }
  #expect(throws: FeatureError.damaged) { try decodeFeatures(zstdFrame(0x80, [0x38] + contentSize(6192), blocks), expected: 6192) }
  #expect(throws: FeatureError.damaged) { try decodeFeatures(zstdFrame(0xA0, contentSize(6192), blocks), expected: 6192) }
  let huge = zstdFrame(0xE0, [0, 0, 0, 0, 0, 1, 0, 0], [run(of: 0, count: full, last: true)])
  #expect(throws: FeatureError.window(found: 1 << 40, limit: 8 << 20)) { try decodeFeatures(huge, expected: 6192) }
}

@Test func unsuitableFramesAreRefused() {
  let block = [run(of: 9, count: 1000, last: true)]
  let good = zstdFrame(0xA0, contentSize(1000), block)
  #expect(throws: FeatureError.window(found: 1 << 31, limit: 8 << 20)) {
    try decodeFeatures(zstdFrame(0x80, [21 << 3] + contentSize(1000), block), expected: 1000)
  }
  #expect(throws: FeatureError.unknownContentSize) { try decodeFeatures(zstdFrame(0x00, [0x50], block), expected: 1000) }
  #expect(throws: FeatureError.frameSize(found: 26, expected: 13)) { try decodeFeatures(good + good, expected: 1000) }
  #expect(throws: FeatureError.frameSize(found: 14, expected: 13)) { try decodeFeatures(good + [0], expected: 1000) }
  let skippable: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]
  #expect(throws: FeatureError.notZstd) { try decodeFeatures(skippable + good, expected: 1000) }
  #expect(throws: FeatureError.frameSize(found: 25, expected: 13)) { try decodeFeatures(good + skippable, expected: 1000) }
  #expect(throws: FeatureError.notZstd) { try decodeFeatures([0x27] + good.dropFirst(), expected: 1000) }
  for reserved: UInt8 in [0xA8, 0xA1, 0xA2, 0xA3] {
    #expect(throws: FeatureError.notZstd) { try decodeFeatures(zstdFrame(reserved, contentSize(1000), block), expected: 1000) }
  }
}

@Test func truncatedFramesAreRefused() {
  let encoder = FeatureEncoder()
  let features = (0..<2000).map { UInt8($0 / 9 & 15) }
  let encoded = encoder.encode(features.span)
  #expect(encoded.compressed)
  for length in 0..<encoded.bytes.count {
    #expect(throws: FeatureError.self, "cut to \(length) bytes") {
      try decodeFeatures(Array(encoded.bytes.prefix(length)), expected: features.count)
    }
  }
}

/// Damaged frames give an error or exactly the expected number of bytes; the frame's own checksum is what tells damage.
@Test func fuzzedFeaturesNeverChangeSize() {
  var random = SeededGenerator(seed: 5)
  let encoder = FeatureEncoder()
  let decoder = FeatureDecoder()
  let features = (0..<600).map { UInt8($0 * $0 / 7 & 31) }
  let encoded = encoder.encode(features.span)
  for _ in 0..<scaled(100_000) {
    var bytes = encoded.bytes
    for _ in 0...Int.random(in: 0...3, using: &random) {
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
    }
    let decoded = try? decoder.decode(EncodedFeatures(bytes: bytes, compressed: true), expected: features.count)
    if let decoded, decoded.count != features.count { Issue.record("\(decoded.count) bytes") }
  }
}
