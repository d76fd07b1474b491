import Foundation
import TestSupport
import Testing

import Wire

private func decodeFeatures(_ bytes: [UInt8], encoding: BodyEncoding = .zstd, expected: Int) throws(FeatureError) -> [UInt8] {
  let decoder = FeatureDecoder()
  return try decoder.decode(EncodedFeatures(bytes: bytes, encoding: encoding), expected: expected)
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
      let encoded = encoder.encode(features)
      #expect(try decoder.decode(encoded, expected: size) == features)
      #expect(encoded.bytes.count <= size)
    }
    #expect(encoder.encode(plain).encoding.isEmpty, "noise of \(size) bytes cannot shrink")
    #expect((encoder.encode(even).encoding == .zstd) == (size >= 100), "\(size) bytes of three bits")
  }
}

@Test func rawFeaturesHaveTheExactSize() {
  #expect(throws: FeatureError.size(found: 3, expected: 4)) { try decodeFeatures([1, 2, 3], encoding: [], expected: 4) }
  #expect(throws: FeatureError.size(found: 5, expected: 4)) { try decodeFeatures([1, 2, 3, 4, 5], encoding: [], expected: 4) }
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
  #expect(throws: FeatureError.notZstd) { try decodeFeatures(zstdFrame(0xA8, contentSize(1000), block), expected: 1000) }
  for (descriptor, bytes): (UInt8, Int) in [(0xA1, 1), (0xA2, 2), (0xA3, 4)] {
    let dictionary = [7] + [UInt8](repeating: 0, count: bytes - 1)
    #expect(throws: FeatureError.unknownDictionary) {
      try decodeFeatures(zstdFrame(descriptor, dictionary + contentSize(1000), block), expected: 1000)
    }
  }
}

@Test func truncatedFramesAreRefused() {
  let encoder = FeatureEncoder()
  let features = (0..<2000).map { UInt8($0 / 9 & 15) }
  let encoded = encoder.encode(features)
  #expect(encoded.encoding == .zstd)
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
  let encoded = encoder.encode(features)
  for _ in 0..<scaled(100_000) {
    var bytes = encoded.bytes
    for _ in 0...Int.random(in: 0...3, using: &random) {
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
    }
    let decoded = try? decoder.decode(EncodedFeatures(bytes: bytes, encoding: .zstd), expected: features.count)
    if let decoded, decoded.count != features.count { Issue.record("\(decoded.count) bytes") }
  }
}

/// A dictionary that the oracle's zstd trained, and features like those that it was trained on.
private let dictionary = Array(golden("dictionary", "bin"))

private func golden(_ name: String, _ type: String) -> Data {
  Bundle.module.url(forResource: name, withExtension: type, subdirectory: "Golden").flatMap { try? Data(contentsOf: $0) } ?? Data()
}

/// Features of `rows` rows, each one of those that the oracle knows.
private func likeFeatures(rows: Int, using random: inout SeededGenerator) -> [UInt8] {
  (0..<rows).flatMap { _ in
    let kind = Int.random(in: 0..<16, using: &random)
    return (0..<67).map { UInt8(($0 * $0 * (kind + 3) + 7 * kind) % 251) }
  }
}

@Test func aDictionaryMakesSmallFeaturesSmaller() throws {
  var random = SeededGenerator(seed: 8)
  let plain = FeatureEncoder()
  let encoder = FeatureEncoder(dictionary: dictionary)
  let decoder = FeatureDecoder()
  let ready = try #require(FeatureDictionary(dictionary))
  var sizes = (plain: 0, dictionary: 0)
  for rows in 4...20 {
    let features = likeFeatures(rows: rows, using: &random)
    let encoded = encoder.encode(features)
    #expect(encoded.encoding == [.zstd, .dictionary])
    #expect(try decoder.decode(encoded, expected: features.count, dictionary: ready) == features)
    #expect(throws: FeatureError.unknownDictionary) { try decoder.decode(encoded, expected: features.count) }
    let undeclared = EncodedFeatures(bytes: encoded.bytes, encoding: .zstd)
    #expect(throws: FeatureError.unknownDictionary) { try decoder.decode(undeclared, expected: features.count, dictionary: ready) }
    sizes.plain += plain.encode(features).bytes.count
    sizes.dictionary += encoded.bytes.count
  }
  #expect(sizes.dictionary < sizes.plain)
  #expect(FeatureDictionary([1, 2, 3]) == nil)
}

@Test func differencesStandForFeatures() throws {
  var random = SeededGenerator(seed: 9)
  let encoder = FeatureEncoder()
  let decoder = FeatureDecoder()
  let first = random.bytes(4_000)
  var second = first
  for index in stride(from: 7, to: 4_000, by: 90) { second[index] &+= 3 }
  let encoded = encoder.encode(second, base: (request: 41, features: first))
  #expect(encoded.encoding == [.zstd, .delta] && encoded.base == 41 && encoded.bytes.count < 600)
  #expect(try decoder.decode(encoded, expected: 4_000, base: first) == second)
  for base in [nil, [], Array(first.dropLast())] {
    #expect(throws: FeatureError.unknownBase) { try decoder.decode(encoded, expected: 4_000, base: base) }
  }
  let noise = random.bytes(4_000)
  #expect(encoder.encode(noise, base: (request: 41, features: first)).encoding.isEmpty, "differences of noise save nothing")
  #expect(encoder.encode(second, base: (request: 41, features: Array(first.dropLast()))).encoding.isEmpty, "of another size")
}

@Test func namesAreTheStartOfTheHash() throws {
  let name = FeatureName(of: Array("abc".utf8))
  #expect(name.bytes == [0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23])
  #expect(try FeatureName(name.bytes) == name)
  #expect(throws: FeatureError.size(found: 15, expected: 16)) { try FeatureName(Array(name.bytes.dropLast())) }
}

@Test func rawInputsAreReadAsPacked() throws {
  let inputs = RawInputs([.init(kind: .sound, bytes: [1, 2]), .init(kind: .text, bytes: [3])])
  let body = inputs.encoded
  #expect(try RawInputs(decoding: body) == inputs)
  for length in 0..<body.count where length != 9 {
    #expect(throws: FeatureError.malformedInputs) { try RawInputs(decoding: Array(body.prefix(length))) }
  }
  for (offset, value): (Int, UInt8) in [(0, 0), (0, 4), (0, 3), (1, 1), (2, 1), (3, 1), (4, 0), (4, 99), (7, 255), (9, 1)] {
    var spoiled = body
    spoiled[offset] = value
    #expect(throws: FeatureError.malformedInputs, "byte \(offset) is \(value)") { try RawInputs(decoding: spoiled) }
  }
  #expect(throws: FeatureError.malformedInputs) { try RawInputs(decoding: body + [0]) }
}

@Test func fuzzedRawInputsAreRefusedOrCanonical() {
  var random = SeededGenerator(seed: 12)
  let seed = RawInputs([.init(kind: .text, bytes: [7, 8]), .init(kind: .image, bytes: [9]), .init(kind: .sound, bytes: [1, 2, 3])]).encoded
  for _ in 0..<scaled(200_000) {
    var bytes = seed
    for _ in 0...Int.random(in: 0...3, using: &random) {
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...4, using: &random)
    }
    if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
    if let inputs = try? RawInputs(decoding: bytes), inputs.encoded != bytes { Issue.record("\(bytes)") }
  }
}
