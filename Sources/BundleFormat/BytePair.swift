import ModelGraph

/// How text becomes token identifiers by byte-level pair encoding as in CLIP, besides vocabulary and merges: in lower case, a word's
/// last piece ends in `</w>`, start and end tokens around. (Sennrich, Haddow, Birch 2015; Radford et al. 2021)
package struct BytePairOptions: Sendable, Equatable {
  package var start: Int32
  package var end: Int32
  /// The longest sequence, with both special tokens; longer ones are cut. At least 2.
  package var maximumTokens: Int

  package init(start: Int32, end: Int32, maximumTokens: Int) {
    self.start = start
    self.end = end
    self.maximumTokens = maximumTokens
  }
}

/// A byte-pair tokenizer, to be written.
package struct BytePairDescription: Sendable, Equatable {
  /// The place is the identifier; UTF-8 with bytes as the characters that stand for them (GPT-2's table).
  package var tokens: [[UInt8]]
  /// The most urgent first: two pieces with a space between.
  package var merges: [[UInt8]]
  package var options: BytePairOptions

  package init(tokens: [[UInt8]], merges: [[UInt8]], options: BytePairOptions) {
    self.tokens = tokens
    self.merges = merges
    self.options = options
  }
}

extension TokenizerKeys {
  /// The value of `model` for the byte-pair encoding of CLIP.
  package static let bytePair = "clip"
  package static let merges = "tokenizer.ggml.merges"
  package static let start = "tokenizer.ggml.bos_token_id"
  package static let end = "tokenizer.ggml.eos_token_id"
}

extension BytePairOptions {
  init(_ header: GGUFHeader, _ bytes: Span<UInt8>) throws(BundleError) {
    self.init(
      start: Int32(bitPattern: try header.uint32(TokenizerKeys.start, bytes)),
      end: Int32(bitPattern: try header.uint32(TokenizerKeys.end, bytes)),
      maximumTokens: try header.size(TokenizerKeys.maximumTokens, bytes))
  }

  /// The key whose value does not fit a vocabulary of that size or the graph's limits.
  func unfitKey(vocabulary: Int, limits: Limits) -> String? {
    for (key, identifier) in [(TokenizerKeys.start, start), (TokenizerKeys.end, end)]
    where identifier < 0 || Int(identifier) >= vocabulary { return key }
    return (2...max(2, limits.sequence)).contains(maximumTokens) ? nil : TokenizerKeys.maximumTokens
  }
}

extension BytePairDescription {
  func add(to encoder: inout GGUFEncoder) {
    encoder.add(TokenizerKeys.model, TokenizerKeys.bytePair)
    encoder.add(TokenizerKeys.tokens, texts: tokens)
    encoder.add(TokenizerKeys.merges, texts: merges)
    encoder.add(TokenizerKeys.start, UInt32(bitPattern: options.start))
    encoder.add(TokenizerKeys.end, UInt32(bitPattern: options.end))
    encoder.add(TokenizerKeys.maximumTokens, UInt32(options.maximumTokens))
  }

  /// Whether a text is two pieces with one space between.
  package static func isMerge(_ text: ArraySlice<UInt8>) -> Bool {
    let pieces = text.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    return pieces.count == 2 && pieces.allSatisfy { !$0.isEmpty }
  }
}
