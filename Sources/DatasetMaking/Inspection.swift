package import Dataset
package import JSONFormat
import Preprocessing

/// What is in a set, found by reading and decoding all of it.
package struct Inspection: Sendable {
  /// What is in a split.
  package struct Split: Sendable {
    package let name: String
    /// How many samples the description tells.
    package let stated: Int
    package fileprivate(set) var faults = FaultTally()
    package fileprivate(set) var seconds = 0.0
    package fileprivate(set) var concepts: Set<Int> = []
    /// Samples of each.
    package fileprivate(set) var languages: [String: Int] = [:]
    package fileprivate(set) var voices: [String: Int] = [:]
    package fileprivate(set) var renderings: [String: Int] = [:]
  }

  package let name: String
  package let splits: [Split]

  /// - Parameter progress: Called for each batch of `batch` samples.
  package init(_ directory: DatasetDirectory, progress: (_ samples: Int) -> Void) throws(DatasetError) {
    name = directory.description.name
    var splits: [Split] = []
    for split in directory.description.splits { splits.append(try Self.inspect(split, directory, progress)) }
    self.splits = splits
  }

  private static func inspect(
    _ split: DatasetDescription.Split, _ directory: DatasetDirectory, _ progress: (Int) -> Void
  ) throws(DatasetError) -> Split {
    let stream = try SampleStream(shards: directory.shards(of: split.name), order: .stored, batch: 64, seed: 0)
    let (rate, concepts) = (directory.description.rate, directory.description.concepts.count)
    let loader = try Loader(stream, limit: FaultLimit(share: 1)) { sample, _ throws(SampleFault) in
      guard concepts > 0 else {
        _ = try sample.caption()
        return nil as (metadata: SampleMetadata, seconds: Double)?
      }
      let (metadata, sound) = try sample.check(rate: rate, concepts: concepts)
      return (metadata, Double(sound.samples.count) / Double(rate))
    }
    var found = Split(name: split.name, stated: split.samples)
    while let batch = try loader.next() {
      for case (let metadata, let seconds)? in batch {
        found.seconds += seconds
        found.concepts.insert(metadata.concept)
        found.languages[metadata.language, default: 0] += 1
        found.voices[metadata.voice, default: 0] += 1
        found.renderings[metadata.rendering, default: 0] += 1
      }
      progress(batch.count)
    }
    found.faults = loader.faults
    return found
  }
}

extension Inspection {
  package var text: String {
    splits.map { split in
      let counts = [("languages", split.languages), ("renderings", split.renderings)].map { title, counts in
        "  \(title): " + counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      }
      let samples = split.faults.seen == split.stated ? "\(split.stated)" : "\(split.faults.seen) of \(split.stated)"
      let head =
        "\(split.name): \(samples) samples of \(split.concepts.count) concepts, \(Int(split.seconds)) s by \(split.voices.count) voices"
      return ([head] + counts + ["  bad: " + (split.faults.bad == 0 ? "none" : split.faults.summary)]).joined(separator: "\n")
    }.joined(separator: "\n")
  }

  package var json: Json {
    .object([Json.Member(key: "name", value: .string(name)), Json.Member(key: "splits", value: .array(splits.map { $0.json }))])
  }
}

extension Inspection.Split {
  fileprivate var json: Json {
    func counts(_ numbers: [String: Int]) -> Json {
      .object(numbers.sorted { $0.key < $1.key }.map { Json.Member(key: $0.key, value: .integer($0.value)) })
    }
    let bad = Dictionary(uniqueKeysWithValues: faults.counts.map { ($0.key.rawValue, $0.value) })
    return .object([
      Json.Member(key: "name", value: .string(name)), Json.Member(key: "stated", value: .integer(stated)),
      Json.Member(key: "samples", value: .integer(faults.seen)), Json.Member(key: "seconds", value: .number(seconds)),
      Json.Member(key: "concepts", value: .array(concepts.sorted().map { .integer($0) })),
      Json.Member(key: "languages", value: counts(languages)), Json.Member(key: "voices", value: counts(voices)),
      Json.Member(key: "renderings", value: counts(renderings)), Json.Member(key: "bad", value: counts(bad)),
    ])
  }
}
