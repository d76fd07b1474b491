import ModelGraph
import Testing

import BundleFormat

/// What someone does to a file who makes all hashes right again.
@Suite struct HostileTests {
  private func sealed(_ name: String = "tiny-3.gguf") throws -> SealedBytes { try SealedBytes(try golden(name)) }

  private func error(replacing old: String, with new: String) throws -> BundleError? {
    var bundle = try sealed()
    try bundle.replace(old, with: new)
    return try bundle.openingError()
  }

  @Test func sealingAgainChangesNothing() throws {
    var bundle = try sealed()
    try bundle.hashSegments()
    try bundle.seal()
    #expect(try bundle.bytes == golden("tiny-3.gguf"))
    #expect(try bundle.openingError() == nil)
  }

  @Test(arguments: [
    ("tokens int32 [batch,", "tokens int23 [batch,", GraphText.tensors, 1, "type"),
    ("word.weight int8 [9,8]", "word.weight int8 [9;8]", GraphText.tensors, 2, "shape"),
    ("word.weight int8 [9,8]", "word.weight int8 [,98]", GraphText.tensors, 2, "shape"),
    ("word.weight int8 [9,8]", "word.weight int8 9,8] ", GraphText.tensors, 2, "shape"),
    ("word.weight int8 [9,8]", "word.weight  nt8 [9,8]", GraphText.tensors, 2, "type"),
    ("position.weight int8 [6,8]", "position.weight int8 [6] 8", GraphText.tensors, 3, "end of line"),
    ("limit=2047", "limit=-047", GraphText.tensors, 4, "limit"),
    ("limit=2047", "limit=0047", GraphText.tensors, 4, "limit"),
    ("limit=2047", "timil=2047", GraphText.tensors, 4, "limit"),
    (" embedding in=tokens", " embuddyng in=tokens", GraphText.nodes, 1, "operation"),
    ("in=tokens with=word", "in=rokens with=word", GraphText.nodes, 1, "in"),
    ("with=word.weight,", "with=word,weight,", GraphText.nodes, 1, "with"),
    ("out=embeddings.sum", "out=embeddings,sum", GraphText.nodes, 1, "out"),
    ("heads=2", "heads=x", GraphText.nodes, 6, "heads"),
    ("heads=2", "heads= ", GraphText.nodes, 6, "heads"),
    ("heads=2", "haeds=2", GraphText.nodes, 6, "heads"),
    ("embeddings nodes=2", "embeddings nodes=Z", GraphText.segments, 1, "nodes"),
    ("bytes=4096", "bytes=8192", GraphText.segments, 1, "bytes"),
    ("sha256=", "sha265=", GraphText.segments, 1, "sha256"),
  ])
  func aLineThatCannotBeReadIsNamed(old: String, new: String, key: String, line: Int, field: String) throws {
    var bundle = try sealed()
    try bundle.replace(old, with: new)
    try bundle.seal()
    #expect(throws: BundleError.badLine(key: key, line: line, field: field)) { try BundleHeader(file: bundle.bytes.span) }
  }

  @Test func aGraphThatIsWrongIsRefusedByItsVerifier() throws {
    #expect(try error(replacing: "heads=2", with: "heads=3") == .graph(.badAttribute(node: "layer.attention", attribute: "heads")))
    #expect(
      try error(replacing: "word.weight int8 [9,8]", with: "word.weight int8 [0,8]")
        == .graph(.badShape(tensor: "word.weight", shape: Shape(0, 8))))
    #expect(try error(replacing: "embeddings nodes=2", with: "embeddings nodes=0") == .graph(.badSegment("embeddings")))
    #expect(try error(replacing: "position.weight int8 [6,8]", with: "position.weight int8 [5,8]") != nil)
  }

  @Test func keysAreCheckedForNameAndPresence() throws {
    for (old, new) in [("tributary.note.report", "tributary.nope.report"), ("tributary.graph.inputs", "tributary.graph.inputz")] {
      let place = try #require(try sealed().bytes.firstRange(of: Array(old.utf8))).upperBound
      // A text lies behind its type and length; an array behind its type, the type of its elements and their count.
      let offset = place + (old.hasSuffix("report") ? 12 : 16)
      #expect(try error(replacing: old, with: new) == .unknownKey(new, offset: offset))
    }
    #expect(try error(replacing: "general.name", with: "general.nAme") == .missing(field: "general.name"))
    #expect(try error(replacing: "general.alignment", with: "general.alignmemt") == .missing(field: "general.alignment"))
    #expect(try error(replacing: "general.license", with: "general.licence") == nil, "a note may have any name")
  }

  @Test func textsMustBeUTF8() throws {
    var bundle = try sealed()
    let place = try #require(bundle.bytes.firstRange(of: Array("naïve".utf8)))
    bundle.bytes[place.lowerBound + 2] = 0xff
    guard case .badValue("tributary.note.report", _)? = try bundle.openingError() else {
      Issue.record("a text that is not UTF-8 was read")
      return
    }
  }

  @Test func duplicatesAreRefused() throws {
    var keys = try sealed()
    let second = try #require(keys.bytes.firstRange(of: Array("tributary.graph.segments".utf8))).lowerBound - 8
    try keys.replace("tributary.graph.segments", with: "tributary.graph.epsilons")
    #expect(throws: BundleError.duplicate(field: "tributary.graph.epsilons", offset: second)) { try GGUFHeader(keys.bytes.span) }

    var tensors = try sealed()
    let (position, _) = try tensors.tensor("narrow.weight.sum")
    let (other, _) = try tensors.tensor("word.weight.scale")
    tensors.bytes.replaceSubrange(other + 8..<other + 8 + 17, with: Array("narrow.weight.sum".utf8))
    #expect(throws: BundleError.duplicate(field: "narrow.weight.sum", offset: position)) { try GGUFHeader(tensors.bytes.span) }
  }

  @Test func aNewerFormatIsIncompatible() throws {
    var bundle = try sealed()
    let key = try #require(bundle.bytes.firstRange(of: Array(BundleKeys.format.utf8)))
    bundle.bytes[key.upperBound + 4] = 4
    #expect(try bundle.openingError() == .unsupportedVersion(what: BundleKeys.format, found: 4, expected: 3))
  }

  /// Format 1 has no proofs, format 2 has them.
  @Test func aFormatHasItsOwnTensors() throws {
    var older = try sealed("tiny-2.gguf")
    let key = try #require(older.bytes.firstRange(of: Array(BundleKeys.format.utf8)))
    older.bytes[key.upperBound + 4] = 1
    #expect(try older.openingError() == .wrongCount(field: "tensors", expected: 13, found: 15))
  }

  /// Formats 1 and 2 have no leaves, format 3 has them.
  @Test func aFormatHasItsOwnHashes() throws {
    for (name, format, expected) in [
      ("tiny-3.gguf", UInt8(2), BundleError.unknownKey(BundleKeys.leaves, offset: try leaves(of: sealed()).lowerBound)),
      ("tiny-2.gguf", 3, .wrongCount(field: BundleKeys.leaves, expected: 64, found: 0)),
    ] {
      var bundle = try sealed(name)
      let key = try #require(bundle.bytes.firstRange(of: Array(BundleKeys.format.utf8)))
      bundle.bytes[key.upperBound + 4] = format
      try bundle.seal()
      #expect(throws: expected) { try BundleHeader(file: bundle.bytes.span) }
    }
  }

  private func leaves(of bundle: SealedBytes) throws -> Range<Int> {
    try #require(try GGUFHeader(bundle.bytes.span)[BundleKeys.leaves]).bytes
  }

  @Test func leavesMustGiveTheirRoot() throws {
    let place = try leaves(of: sealed())
    for (byte, segment, start) in [(0, "embeddings", 0), (31, "embeddings", 0), (32, "layer", 32), (63, "layer", 32)] {
      var bundle = try sealed()
      bundle.bytes[place.lowerBound + byte] ^= 1
      try bundle.seal()
      #expect(throws: BundleError.damaged(part: "the leaves of segment '\(segment)'", offset: place.lowerBound + start)) {
        try BundleHeader(file: bundle.bytes.span)
      }
    }
  }

  /// Of the array of leaves its type, and its count in both directions.
  @Test(arguments: [(-12, UInt8(1)), (-8, 63), (-8, 32), (-8, 0), (-7, 1), (-1, 128)])
  func leavesMustBeAsManyBytesAsFollow(offset: Int, value: UInt8) throws {
    var bundle = try sealed()
    bundle.bytes[try leaves(of: bundle).lowerBound + offset] = value
    #expect(throws: BundleError.self) { try BundleHeader(file: bundle.bytes.span) }
  }

  @Test func leavesThatLieAboutASegmentAreRefused() throws {
    var bundle = try sealed()
    let (_, data) = try bundle.tensor("wide.bias")
    bundle.bytes[data] ^= 1
    let file = try TestFile(bundle.bytes)
    let opened = try ModelBundle(unverified: file.path)
    let expected = BundleError.damaged(part: "segment 'layer'", offset: opened.range(ofSegment: 1).lowerBound)
    #expect(throws: expected) { try opened.verify(segment: 1) }
  }

  @Test func tensorsMustBeThoseOfTheGraph() throws {
    let (description, _) = try sealed().tensor("wide.weight.sum")
    let afterName = description + 8 + "wide.weight.sum".utf8.count
    for (offset, attribute) in [(description + 8, "name"), (afterName + 4, "shape"), (afterName + 12, "type"), (afterName + 16, "offset")] {
      var bundle = try sealed()
      bundle.bytes[offset] ^= attribute == "offset" ? 64 : 2
      let error = try bundle.openingError()
      guard case .wrongTensor(_, attribute, description)? = error else {
        Issue.record("\(attribute): \(String(describing: error))")
        continue
      }
    }
  }

  @Test(arguments: [
    ("wide.bias", Float.nan.bitPattern), ("norm.gain", Float.infinity.bitPattern), ("norm.shift", Float(-0x1.8p64).bitPattern),
    ("word.weight.scale", UInt32(0)), ("wide.weight.scale", Float(-1).bitPattern), ("narrow.weight.scale", Float(0x1p-65).bitPattern),
    ("wide.weight.sum", UInt32(0x7fff_ffff)), ("position.weight", UInt32(0x8000_0000)), ("narrow.weight", UInt32(0x0080_0000)),
  ])
  func numbersThatArithmeticDoesNotAllowAreRefused(tensor: String, bits: UInt32) throws {
    var bundle = try sealed()
    let (_, data) = try bundle.tensor(tensor)
    for byte in 0..<4 { bundle.bytes[data + byte] = UInt8(bits >> (8 * byte) & 255) }
    #expect(try bundle.openingError() == .badNumber(tensor: tensor, offset: data))
  }

  @Test func aWeightThatDoesNotFitItsSumIsRefused() throws {
    var bundle = try sealed()
    let (_, data) = try bundle.tensor("wide.weight")
    let (_, sums) = try bundle.tensor("wide.weight.sum")
    bundle.bytes[data + 4 * 5 + 1] ^= 1
    #expect(try bundle.openingError() == .badNumber(tensor: "wide.weight.sum", offset: sums + 4 * 5))
  }

  @Test(arguments: [
    (TokenizerKeys.pad, UInt8(9)), (TokenizerKeys.unknown, UInt8(255)), (TokenizerKeys.maximumTokens, UInt8(7)),
    (TokenizerKeys.maximumTokens, UInt8(1)),
  ])
  func tokenizerNumbersMustFit(key: String, value: UInt8) throws {
    var bundle = try sealed()
    let place = try #require(bundle.bytes.firstRange(of: Array(key.utf8))).upperBound + 4
    bundle.bytes[place] = value
    #expect(try bundle.openingError() == .badValue(field: key, offset: place))
  }
}
