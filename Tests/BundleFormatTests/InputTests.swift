import ModelGraph
import Testing

import BundleFormat

/// A model of pictures, sounds and texts, with all that says how they are prepared.
private func sample() throws -> BundleContents {
  var builder = GraphBuilder()
  let pixels = builder.input("pixels", shape: .image(Window.Size(height: 4, width: 4), 3), dataType: .float32)
  let samples = builder.input("samples", shape: .rows(.fixed(8), 1), dataType: .float32)
  let tokens = builder.input("tokens", shape: Shape([.batch, .sequence]), dataType: .int32)
  let tables = [builder.parameter("words", 4, 2), builder.parameter("places", 6, 2)]
  let words = builder.node("words.rows", .embedding, tokens, parameters: tables, shape: .rows(.sequence, 2))
  let crossing = builder.node("crossing", .boundary, words, shape: .rows(.sequence, 2))
  let outputs = [
    builder.node("logits", .pool(.mean), pixels, shape: .vector(3)), builder.node("loudness", .pool(.mean), samples, shape: .vector(1)),
    builder.node("text", .pool(.mean), crossing, shape: .vector(2)),
  ]
  builder.endSegment("all")
  let graph = try builder.build(outputs: outputs, limits: Limits(batch: 1, sequence: 6))
  let values: [TensorID: ParameterData] = [
    tables[0]: .float32(.init(repeating: 1, count: 8)), tables[1]: .float32(.init(repeating: 0, count: 12)),
  ]
  return BundleContents(
    name: "inputs", graph: graph, parameters: values,
    bytePair: BytePairDescription(
      tokens: ["a", "é</w>", "<|startoftext|>", "<|endoftext|>"].map { Array($0.utf8) }, merges: [Array("a é</w>".utf8)],
      options: BytePairOptions(start: 2, end: 3, maximumTokens: 6)),
    image: ImageInput(
      height: 4, width: 4, resize: .shortestEdge(5), filter: .bicubic, mean: [0.5, 0.25, 0], deviation: [0.5, 0.125, 1]),
    sound: SoundInput(rate: 16000, samples: 8, isNormalized: true), labels: ["cat", "dog", "été"],
    confidence: Confidence(temperature: 0.5, threshold: 0.75), ratePoints: RatePoints(tensors: ["crossing"], shares: [0.25, 0.5]))
}

@Suite struct InputTests {
  private func opened(_ contents: BundleContents) throws -> ModelBundle {
    let file = try TestFile(try BundleWriter.serialize(contents))
    return try ModelBundle(path: file.path)
  }

  @Test func whatPreparesInputsComesBack() throws {
    let contents = try sample()
    let bundle = try opened(contents)
    #expect(bundle.image == contents.image && bundle.sound == contents.sound && bundle.labels == contents.labels)
    #expect(bundle.confidence == contents.confidence && bundle.ratePoints == contents.ratePoints)
    #expect(bundle.bytePair == contents.bytePair?.options && bundle.tokenizer == nil && bundle.tokenCount == 4)
    var (tokens, merges): ([[UInt8]], [[UInt8]]) = ([], [])
    bundle.forEachToken { tokens.append($0.array($0.indices)) }
    bundle.forEachMerge { merges.append($0.array($0.indices)) }
    #expect(tokens == contents.bytePair?.tokens && merges == contents.bytePair?.merges)
  }

  @Test func anExactResizeComesBack() throws {
    var contents = try sample()
    contents.image?.resize = .exact
    contents.image?.filter = .bilinear
    #expect(try opened(contents).image == contents.image)
  }

  @Test func aTemperatureAloneComesBack() throws {
    var contents = try sample()
    contents.confidence?.threshold = nil
    #expect(try opened(contents).confidence == Confidence(temperature: 0.5))
  }

  @Test func aThresholdNeedsATemperature() throws {
    var bundle = try SealedBytes(try BundleWriter.serialize(try sample()))
    // A note's key, of the same length.
    try bundle.replace(ConfidenceKeys.temperature, with: "tributary.note.activation.temper")
    #expect(try bundle.openingError() == .missing(field: ConfidenceKeys.temperature))
  }

  @Test func aBundleOfTextsHasNeitherImagesNorSoundsNorLabels() throws {
    let bundle = try opened(try SampleModel.contents())
    #expect(bundle.image == nil && bundle.sound == nil && bundle.labels.isEmpty && bundle.bytePair == nil && bundle.confidence == nil)
    #expect(bundle.ratePoints == nil)
    bundle.forEachMerge { _ in Issue.record("a merge from nowhere") }
  }

  @Test func everyFlippedBitOfTheHeaderIsRefused() throws {
    var bytes = try BundleWriter.serialize(try sample())
    let end = try BundleHeader(file: bytes.span).payloadStart
    for offset in 0..<end {
      bytes[offset] ^= 1 << UInt8(offset % 8)
      if (try? BundleHeader(file: bytes.span)) != nil { Issue.record("a bit of byte \(offset) was flipped, and nobody noticed") }
      bytes[offset] ^= 1 << UInt8(offset % 8)
    }
  }

  @Test(arguments: [
    ("bicubic", "bicubik", ImageKeys.filter), ("bicubic", "\u{1}icubic", ImageKeys.filter),
    (ImageKeys.mean, "tributary.image.nean", "tributary.image.nean"), ("rate", "rite", "tributary.sound.rite"),
    ("clip", "clap", TokenizerKeys.model),
  ])
  func aHostileTextIsNamed(old: String, new: String, field: String) throws {
    var bundle = try SealedBytes(try BundleWriter.serialize(try sample()))
    try bundle.replace(old, with: new)
    let error = try #require(try bundle.openingError())
    #expect("\(error)".contains(field))
  }

  /// A value lies behind its key and its type; an array's elements also behind their type and count.
  @Test(arguments: [
    (ImageKeys.height, 4, 0), (ImageKeys.height, 4, 5), (ImageKeys.width, 4, 9000), (ImageKeys.shortestEdge, 4, 3),
    (ImageKeys.deviation, 16, 0), (ImageKeys.deviation, 20, 0x7FC0_0000), (ImageKeys.mean, 24, 0x7F80_0000), (SoundKeys.rate, 4, 0),
    (SoundKeys.samples, 4, 9), (SoundKeys.samples, 4, 0xFFFF_FFFF), (SoundKeys.isNormalized, 4, 2), (TokenizerKeys.start, 4, 4),
    (TokenizerKeys.end, 4, 0xFFFF_FFFF), (TokenizerKeys.maximumTokens, 4, 7), (TokenizerKeys.maximumTokens, 4, 1),
    (ConfidenceKeys.temperature, 4, 0), (ConfidenceKeys.temperature, 4, 0x7FC0_0000), (ConfidenceKeys.temperature, 4, 0xBF80_0000),
    ("tributary.rate.shares", 16, 0), ("tributary.rate.shares", 20, 0x3E00_0000), ("tributary.rate.shares", 20, 0x3F80_0000),
    (ConfidenceKeys.temperature, 4, 0x7F80_0000), (ConfidenceKeys.threshold, 4, 0x3F80_0001), (ConfidenceKeys.threshold, 4, 0x7FC0_0000),
  ])
  func aHostileNumberIsNamed(key: String, offset: Int, value: UInt32) throws {
    var bundle = try SealedBytes(try BundleWriter.serialize(try sample()))
    let place = try #require(bundle.bytes.firstRange(of: Array(key.utf8))).upperBound + offset
    let width = key == SoundKeys.isNormalized ? 1 : 4
    bundle.bytes.replaceSubrange(place..<place + width, with: (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) })
    guard case .badValue(let field, _)? = try bundle.openingError() else {
      Issue.record("\(key) = \(value) was accepted, or refused for something else")
      return
    }
    #expect(field == key || (field == ImageKeys.height && key == ImageKeys.width))
  }

  @Test func aHostileMergeIsNamedByItsLine() throws {
    for merge in ["aaé</w>", " aé</w>", "aé</w> ", "a  </w>x"] {
      var bundle = try SealedBytes(try BundleWriter.serialize(try sample()))
      let place = try #require(bundle.bytes.firstRange(of: Array("a é</w>".utf8)))
      bundle.bytes.replaceSubrange(place, with: Array(merge.utf8).prefix(place.count))
      #expect(try bundle.openingError() == .badLine(key: TokenizerKeys.merges, line: 1, field: "pair"))
    }
  }

  @Test func theWriterRefusesWhatTheReaderWould() throws {
    let changes: [(String, (inout BundleContents) -> Void)] = [
      (ImageKeys.height, { $0.image?.height = 0 }), (ImageKeys.width, { $0.image?.width = 1 << 40 }),
      (ImageKeys.shortestEdge, { $0.image?.resize = .shortestEdge(3) }), (ImageKeys.mean, { $0.image?.mean = [0, 0] }),
      (ImageKeys.deviation, { $0.image?.deviation = [1, 1, -1] }), (ImageKeys.height, { $0.image?.height = 5 }),
      (SoundKeys.rate, { $0.sound?.rate = -1 }), (SoundKeys.samples, { $0.sound?.samples = 7 }),
      (BundleKeys.labels, { $0.labels = ["a", "b", "c", "d"] }), (TokenizerKeys.merges, { $0.bytePair?.merges = [[97]] }),
      (TokenizerKeys.end, { $0.bytePair?.options.end = -1 }), (TokenizerKeys.tokens, { $0.bytePair?.tokens.append([98]) }),
      (TokenizerKeys.model, { $0.tokenizer = SampleModel.tokenizer }), (ConfidenceKeys.temperature, { $0.confidence?.temperature = 0 }),
      (ConfidenceKeys.threshold, { $0.confidence?.threshold = 1.5 }),
      ("tributary.rate.tensors", { $0.ratePoints?.tensors = ["pixels"] }), ("tributary.rate.tensors", { $0.ratePoints?.tensors = [] }),
      ("tributary.rate.shares", { $0.ratePoints?.shares = [0.5, 0.25] }), ("tributary.rate.shares", { $0.ratePoints?.shares = [1] }),
      ("tributary.rate.shares", { $0.ratePoints?.shares = [.nan] }), ("tributary.rate.shares", { $0.ratePoints?.shares = [] }),
    ]
    for (field, change) in changes {
      var contents = try sample()
      change(&contents)
      let error = #expect(throws: BundleError.self) { try BundleWriter.serialize(contents) }
      guard case .badContents(field, _)? = error else {
        Issue.record("\(field): \(String(describing: error))")
        continue
      }
    }
  }
}
