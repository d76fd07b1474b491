import Dataset
import Foundation
import JSONFormat
import TestSupport

/// A set of samples on disk: concepts are colours, tones and words.
struct TinySet {
  static let concepts = ["red", "green", "blue", "grey"]
  private static let colours: [[UInt8]] = [[220, 30, 30], [30, 200, 40], [40, 60, 230], [128, 128, 128]]
  static let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "the", "picture", "of"] + concepts

  let directory: TemporaryDirectory
  var path: String { directory.path }

  init(samples: Int = 24) throws {
    directory = try TemporaryDirectory()
    let description = DatasetDescription(
      name: "tiny", recipe: ["tiny"], rate: 16000, allowsMirroring: true, languages: ["en"],
      concepts: Self.concepts.map { .init(name: $0, symbol: "■", isHeldOut: false, prompts: [$0]) },
      splits: [.init(name: "train", samples: samples, shards: 1), .init(name: "renderings", samples: 8, shards: 1)])
    try directory.write("dataset.json", description.json.text.utf8)
    try directory.write("train-000000.tar", Self.shard(samples, seed: 1))
    try directory.write("renderings-000000.tar", Self.shard(8, seed: 2))
    try directory.write("vocab.txt", Self.words.joined(separator: "\n").utf8)
  }

  private static func shard(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    var writer = TarWriter()
    for number in 0..<count {
      let concept = number % concepts.count
      let name = concepts[concept]
      let metadata = SampleMetadata(
        concept: concept, name: name, language: "en", voice: "v", speed: 1, pitch: 1, rendering: "plain", spoken: name,
        captions: [name, "a picture of the \(name)"])
      writer.append("\(number).json", Array(metadata.json.text.utf8))
      writer.append("\(number).txt", Array(name.utf8))
      writer.append("\(number).png", picture(colours[concept], &random))
      writer.append("\(number).wav", tone(300 * Double(concept + 1), &random))
    }
    return writer.finish()
  }

  /// 8 × 8 pixels of about that colour.
  private static func picture(_ colour: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var rows: [UInt8] = []
    for _ in 0..<8 {
      rows.append(0)
      for _ in 0..<8 { rows += colour.map { UInt8(clamping: Int($0) + Int.random(in: -25...25, using: &random)) } }
    }
    return StoredPNG(width: 8, height: 8, rows: rows).bytes
  }

  /// A fortieth of a second, 16 bits.
  private static func tone(_ frequency: Double, _ random: inout SeededGenerator) -> [UInt8] {
    let phase = Double(Int.random(in: 0..<100, using: &random))
    let samples = (0..<400).map { Int16(8000 * sin(2 * .pi * frequency * Double($0) / 16000 + phase)) }
    func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    let data = samples.flatMap { little(Int($0), 2) }
    return Array("RIFF".utf8) + little(36 + data.count, 4) + Array("WAVEfmt ".utf8) + little(16, 4) + little(1, 2) + little(1, 2)
      + little(16000, 4) + little(32000, 4) + little(2, 2) + little(16, 2) + Array("data".utf8) + little(data.count, 4) + data
  }
}

/// A PNG of RGB whose data is not compressed.
private struct StoredPNG {
  let width: Int
  let height: Int
  /// Each with its filter before it.
  let rows: [UInt8]

  var bytes: [UInt8] {
    let size = big(width) + big(height)
    let length = [UInt8(rows.count & 255), UInt8(rows.count >> 8)]
    let stored = [0x78, 0x01, 0x01] + length + length.map { ~$0 } + rows + adler
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", size + [8, 2, 0, 0, 0]) + chunk("IDAT", stored)
      + chunk("IEND", [])
  }

  private func big(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 255) } }

  private var adler: [UInt8] {
    let sums = rows.reduce((1, 0)) { sums, byte in
      let first = (sums.0 + Int(byte)) % 65521
      return (first, (sums.1 + first) % 65521)
    }
    return big(sums.1 << 16 | sums.0)
  }

  private func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + data
    let crc = body.reduce(0xFFFF_FFFF as UInt32) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return big(data.count) + body + big(Int(~crc))
  }
}
