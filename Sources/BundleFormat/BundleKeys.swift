/// The keys of a bundle that belong to no other part, and what keys there may be.
package enum BundleKeys {
  package static let architecture = "general.architecture"
  package static let tributary = "tributary"
  package static let name = "general.name"
  package static let alignment = "general.alignment"
  package static let format = "tributary.format"
  /// The version that is written, and those that are read.
  package static let formatVersion: UInt32 = 3
  package static let readableVersions: ClosedRange<UInt32> = 1...3
  /// SHA-256 of everything before the first segment, as 64 digits; these digits count as zeros in it.
  package static let digest = "tributary.digest"
  /// From format 3 on: the leaves of the segments' hashes, 32 bytes each, in the order of the file.
  package static let leaves = "tributary.leaves"
  /// What the numbers of the output `logits` stand for.
  package static let labels = "tributary.labels"
  /// A zstd dictionary for the features at split points.
  package static let featureDictionary = "tributary.features.dictionary"
  /// The most bytes of one.
  package static let longestDictionary = 64 << 10
  package static let notePrefix = "tributary.note."

  private static let known = Set(own + ImageKeys.all + SoundKeys.all + ConfidenceKeys.all + RatePointKeys.all)

  package static func isKnown(_ key: String, format: UInt32) -> Bool { known.contains(key) || (key == leaves && format >= 3) }

  private static let own = [
    format, digest, GraphText.tensors, GraphText.scales, GraphText.nodes, GraphText.epsilons, GraphText.segments, GraphText.inputs,
    GraphText.outputs, GraphText.splitPoints, GraphText.batch, GraphText.sequence, TokenizerKeys.lowercase, TokenizerKeys.stripAccents,
    TokenizerKeys.splitChinese, TokenizerKeys.maximumTokens, labels, featureDictionary,
  ]

  package static func isNote(_ key: String) -> Bool {
    key.hasPrefix(notePrefix) || (key.hasPrefix("general.") && ![architecture, name, alignment].contains(key))
  }
}
