package import Dataset
import Foundation
import Randomness

/// Texts alone, a line each: what a text encoder learns from another one with. A tenth of them, a thousand at most, is held out
/// (`held-out`).
package struct SentenceSource: SampleSource {
  private static let splits = ["train", "held-out"]
  private static let mostHeldOut = 1000

  private let seed: Int
  /// The texts of each split.
  private let texts: [[String]]

  /// Reads files of UTF-8. A line that is empty or was there before is left out.
  package init(paths: [String], seed: Int) throws(MakingError) {
    var (lines, seen): ([String], Set<String>) = ([], [])
    for path in paths {
      guard let data = FileManager.default.contents(atPath: path) else { throw .unreadable(file: path, reason: "it cannot be read") }
      guard let text = String(validating: data, as: UTF8.self) else {
        throw .badInput(file: path, place: "somewhere", expected: "UTF-8")
      }
      for line in text.split(whereSeparator: \.isNewline) {
        let words = line.trimmingCharacters(in: .whitespaces)
        if !words.isEmpty, seen.insert(words).inserted { lines.append(words) }
      }
    }
    guard lines.count > 1 else {
      throw .badInput(file: paths.first ?? "", place: "all of it", expected: "at least two lines of text")
    }
    var random = CounterRandom(seed: seed, of: "order")
    lines.shuffle(using: &random)
    let heldOut = min(max(1, lines.count / 10), Self.mostHeldOut)
    self.seed = seed
    texts = [Array(lines.dropFirst(heldOut)), Array(lines.prefix(heldOut))]
  }

  package var description: DatasetDescription {
    DatasetDescription(
      name: "texts", recipe: ["texts 1", "seed \(seed)"] + texts.map { "lines \($0.count)" }, rate: 16000, allowsMirroring: false,
      languages: [], concepts: [], splits: zip(Self.splits, texts).map { .init(name: $0, samples: $1.count, shards: 0) })
  }

  package func sample(split: Int, index: Int) -> Sample {
    Sample(key: "\(split)-\(index)", members: ["txt": Array(texts[split][index].utf8)])
  }
}
