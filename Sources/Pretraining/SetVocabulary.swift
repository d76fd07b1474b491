import BundleFormat
import Dataset
import Models

/// A small WordPiece vocabulary of what a set says: its frequent words whole, all others by their characters.
enum SetVocabulary {
  private static let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

  /// From all captions of the shards, or of a set without concepts all texts, and the prompts of the concepts: at most `words` words,
  /// those that come most often, the first in the alphabet of equals. Letters are made small and lose their accents.
  static func make(
    _ shards: [String], _ description: DatasetDescription, words: Int, longest: Int
  ) throws(DatasetError) -> TokenizerDescription {
    var counts: [String: Int] = [:]
    func count(_ text: String) {
      for word in text.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber }) { counts[String(word), default: 0] += 1 }
    }
    for concept in description.concepts { concept.prompts.forEach(count) }
    let stream = try SampleStream(shards: shards, order: .stored, batch: 256, seed: 0)
    let isText = description.concepts.isEmpty
    let loader = try Loader(stream, limit: FaultLimit(share: 1)) { sample, _ throws(SampleFault) in
      isText ? [try sample.caption()] : try sample.metadata().captions
    }
    while let samples = try loader.next() { for captions in samples { captions.forEach(count) } }
    let frequent = counts.filter { $0.key.count > 1 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(words).map(\.key)
    let characters = Set(counts.keys.flatMap { $0.unicodeScalars.map { String($0) } }).union(marks).sorted()
    let pieces = special + characters + characters.map { "##" + $0 } + frequent.sorted()
    return TokenizerDescription(
      tokens: pieces.map { Array($0.utf8) }, lowercase: true, stripAccents: true, splitChinese: true, unknown: 1, classify: 2, separate: 3,
      pad: 0, maximumTokens: longest)
  }

  /// Marks that stand by themselves.
  private static let marks = Array("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~").map { String($0) }
}
