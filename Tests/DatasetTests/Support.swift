import Dataset
import Foundation
import JSONFormat
import TestSupport
import Testing

/// A shard with these files.
func archive(_ files: [(name: String, contents: [UInt8])]) -> [UInt8] {
  var writer = TarWriter()
  for file in files { writer.append(file.name, file.contents) }
  return writer.finish()
}

/// The metadata of a sample of that concept.
func metadata(concept: Int) -> SampleMetadata {
  SampleMetadata(
    concept: concept, name: "cat", language: "en", voice: "en-gb", speed: 160, pitch: 50, rendering: "plain", spoken: "cat",
    captions: ["cat", "a cat"])
}

/// Folders of shards that go with the last user.
struct Shards {
  let directory: TemporaryDirectory
  let paths: [String]

  init(_ archives: [[UInt8]]) throws {
    let directory = try TemporaryDirectory()
    self.directory = directory
    paths = try archives.enumerated().map { try directory.write("part-\($0).tar", $1) }
  }

  /// Samples with a text only, which is their key, in shards of the given sizes; sample i is of concept i mod `concepts`.
  init(sizes: [Int], concepts: Int) throws {
    var number = 0
    try self.init(
      sizes.map { size in
        let numbers = number..<number + size
        number += size
        return archive(
          numbers.flatMap { number in
            [
              ("\(number).json", Array(metadata(concept: number % concepts).json.text.utf8)),
              ("\(number).txt", Array("\(number)".utf8)),
            ]
          })
      })
  }

  /// The samples as they are stored.
  func samples() throws -> [Sample] {
    let stream = try SampleStream(shards: paths, order: .stored, batch: 3, seed: 0)
    let loader = try Loader(stream) { sample, _ throws(SampleFault) in sample }
    var samples: [Sample] = []
    while let batch = try loader.next() { samples += batch }
    return samples
  }
}

/// The keys of the next batches.
func keys(
  _ count: Int, of shards: [String], _ order: SampleOrder, batch: Int, seed: UInt64, from cursor: SampleCursor = SampleCursor()
) throws -> [[String]] {
  let stream = try SampleStream(shards: shards, order: order, batch: batch, seed: seed, from: cursor)
  let loader = try Loader(stream) { sample, _ throws(SampleFault) in sample.key }
  return try (0..<count).map { _ in try #require(try loader.next()) }
}

func golden(_ file: String) throws -> [UInt8] {
  let folder = try #require(Bundle.module.resourceURL)
  return try Array(Data(contentsOf: folder.appending(path: "Golden/" + file)))
}
