/// The keys of a bundle that belong to no other part, and what keys there may be.
enum BundleKeys {
  static let architecture = "general.architecture"
  static let tributary = "tributary"
  static let name = "general.name"
  static let alignment = "general.alignment"
  static let format = "tributary.format"
  static let formatVersion: UInt32 = 1
  /// SHA-256 of everything before the first segment, as 64 digits; these digits count as zeros in it.
  static let digest = "tributary.digest"
  static let notePrefix = "tributary.note."

  static let known: Set<String> = [
    format, digest, GraphText.tensors, GraphText.scales, GraphText.nodes, GraphText.epsilons, GraphText.segments, GraphText.inputs,
    GraphText.outputs, GraphText.splitPoints, GraphText.batch, GraphText.sequence, TokenizerKeys.lowercase, TokenizerKeys.stripAccents,
    TokenizerKeys.splitChinese, TokenizerKeys.maximumTokens,
  ]

  static func isNote(_ key: String) -> Bool {
    key.hasPrefix(notePrefix) || (key.hasPrefix("general.") && ![architecture, name, alignment].contains(key))
  }
}
