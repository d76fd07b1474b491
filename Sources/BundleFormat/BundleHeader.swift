package import ModelGraph

/// Everything of a bundle but its segments: read, checked against its digest and found to fit together.
package struct BundleHeader {
  package let name: String
  package let graph: Graph
  package let layout: Layout
  /// Where the first segment starts.
  package let payloadStart: Int
  package let digest: Digest
  /// In the order of `graph.segments`.
  package let segmentHashes: [SegmentHash]
  package let notes: [Note]
  package let image: ImageInput?
  package let sound: SoundInput?
  package let labels: [String]
  package let confidence: Confidence?
  package let ratePoints: RatePoints?
  package let featureDictionary: [UInt8]
  /// One of the two at most.
  package let tokenizer: TokenizerOptions?
  package let bytePair: BytePairOptions?
  /// The array of tokens, if there is a tokenizer.
  package let tokens: GGUFEntry?
  /// The array of merges, if the tokenizer has them.
  package let merges: GGUFEntry?

  /// Reads the start of a file; of the segments it only looks at where they must lie.
  package init(file bytes: Span<UInt8>) throws(BundleError) {
    let header = try Self.container(bytes)
    let digestPlace = try header.text(BundleKeys.digest)
    guard let start = header.end.aligned(to: Layout.page), start <= bytes.count else {
      throw .truncated(field: "header", offset: bytes.count)
    }
    payloadStart = start
    digest = try Self.checkedDigest(at: digestPlace, bytes, end: start)
    let format = try Self.checkKeys(header, bytes)
    name = try header.string(BundleKeys.name, bytes)
    notes = try Self.notes(header, bytes)
    var reader = GraphReader(header)
    graph = try reader.graph(bytes)
    layout = try Layout(graph, format: format)
    try Self.check(header, layout, payloadStart: start, fileSize: bytes.count)
    try Self.check(sizes: reader.parts.map { $0.size }, layout)
    let roots = reader.parts.map { $0.digest }
    segmentHashes = try format >= 3 ? Self.hashTrees(header, bytes, graph, layout, roots) : Self.plainHashes(layout, roots)
    image = try Self.image(header, bytes, graph)
    sound = try Self.sound(header, bytes, graph)
    labels = try Self.labels(header, bytes, graph)
    confidence = try Confidence(header, bytes)
    ratePoints = try RatePoints(header, bytes, graph)
    featureDictionary = try header.octets(BundleKeys.featureDictionary, bytes, limit: BundleKeys.longestDictionary)
    let text = try TextKeys(header, bytes, graph)
    tokenizer = text.tokenizer
    bytePair = text.bytePair
    tokens = text.tokens
    merges = text.merges
  }

  private static func container(_ bytes: Span<UInt8>) throws(BundleError) -> GGUFHeader {
    do {
      return try GGUFHeader(bytes.extracting(first: GGUF.maximumHeaderSize))
    } catch .truncated(let field, let offset) where bytes.count > GGUF.maximumHeaderSize {
      throw .tooLarge(field: field, offset: offset, limit: GGUF.maximumHeaderSize)
    } catch {
      throw error
    }
  }

  /// The header's digest, which must be the one that it names.
  private static func checkedDigest(at place: Range<Int>, _ bytes: Span<UInt8>, end: Int) throws(BundleError) -> Digest {
    guard place.count == 2 * Digest.size else { throw .badValue(field: BundleKeys.digest, offset: place.lowerBound) }
    let digest = Self.digest(bytes, place: place, end: end)
    guard bytes.array(place) == digest.digits else { throw .damaged(part: "header", offset: 0) }
    return digest
  }

  /// The digest of the bytes before `end`, with zeros for the digits at `place`.
  package static func digest(_ bytes: Span<UInt8>, place: Range<Int>, end: Int) -> Digest {
    var hasher = Hasher256()
    hasher.add(bytes.extracting(0..<place.lowerBound))
    hasher.add([UInt8](repeating: UInt8(ascii: "0"), count: place.count))
    hasher.add(bytes.extracting(place.upperBound..<end))
    return hasher.digest()
  }

  /// Returns the version of the format.
  private static func checkKeys(_ header: GGUFHeader, _ bytes: Span<UInt8>) throws(BundleError) -> UInt32 {
    guard try header.string(BundleKeys.architecture, bytes) == BundleKeys.tributary else {
      throw .badValue(field: BundleKeys.architecture, offset: try header.text(BundleKeys.architecture).lowerBound)
    }
    let format = try header.uint32(BundleKeys.format, bytes)
    guard BundleKeys.readableVersions.contains(format) else {
      throw .unsupportedVersion(what: BundleKeys.format, found: format, expected: BundleKeys.formatVersion)
    }
    for entry in header.entries where entry.key.hasPrefix("tributary.") {
      guard BundleKeys.isKnown(entry.key, format: format) || BundleKeys.isNote(entry.key) else {
        throw .unknownKey(entry.key, offset: entry.bytes.lowerBound)
      }
    }
    guard header.alignment == Layout.alignment else { throw .missing(field: BundleKeys.alignment) }
    return format
  }

  private static func notes(_ header: GGUFHeader, _ bytes: Span<UInt8>) throws(BundleError) -> [Note] {
    var notes: [Note] = []
    for entry in header.entries where BundleKeys.isNote(entry.key) && entry.type == .string && !entry.isArray {
      notes.append(Note(key: entry.key, text: try header.string(entry.key, bytes)))
    }
    return notes
  }

  /// The tensors must be those that the layout asks for, in its order, and fill the file.
  private static func check(_ header: GGUFHeader, _ layout: Layout, payloadStart: Int, fileSize: Int) throws(BundleError) {
    guard header.tensors.count == layout.places.count else {
      throw .wrongCount(field: "tensors", expected: layout.places.count, found: header.tensors.count)
    }
    for (tensor, place) in zip(header.tensors, layout.places) {
      let (position, overflow) = header.dataStart.addingReportingOverflow(tensor.dataOffset)
      for (attribute, isRight) in [
        ("name", tensor.name == place.name), ("type", tensor.type == place.content.type.rawValue),
        ("shape", tensor.dimensions == place.dimensions),
        ("offset", !overflow && position - payloadStart == place.bytes.lowerBound),
      ] where !isRight {
        throw .wrongTensor(name: tensor.name, attribute: attribute, offset: tensor.position)
      }
    }
    let (expected, overflow) = payloadStart.addingReportingOverflow(layout.size)
    guard !overflow, expected == fileSize else { throw .wrongFileSize(expected: overflow ? Int.max : expected, found: fileSize) }
  }

  private static func check(sizes: [Int], _ layout: Layout) throws(BundleError) {
    for (index, size) in sizes.enumerated() where size != layout.segments[index].bytes.count {
      throw .badLine(key: GraphText.segments, line: index + 1, field: "bytes")
    }
  }
}

// What segments are checked against.
extension BundleHeader {
  /// Reads the leaves of all segments, which must be as many as the layout asks for, and give each segment's root.
  private static func hashTrees(
    _ header: GGUFHeader, _ bytes: Span<UInt8>, _ graph: Graph, _ layout: Layout, _ roots: [Digest]
  ) throws(BundleError) -> [SegmentHash] {
    let range = try header[BundleKeys.leaves] == nil ? 0..<0 : header.bytes(BundleKeys.leaves)
    let counts = layout.segments.map { Digest.size * SegmentHash.leafCount(of: $0.bytes.count) }
    let expected = counts.reduce(0, +)
    guard range.count == expected else { throw .wrongCount(field: BundleKeys.leaves, expected: expected, found: range.count) }
    var start = range.lowerBound
    var hashes: [SegmentHash] = []
    for (index, count) in counts.enumerated() {
      let hash = SegmentHash(leaves: bytes.array(start..<start + count))
      guard hash.root == roots[index] else { throw .damaged(part: "the leaves of segment '\(graph.segments[index].name)'", offset: start) }
      hashes.append(hash)
      start += count
    }
    return hashes
  }

  private static func plainHashes(_ layout: Layout, _ roots: [Digest]) -> [SegmentHash] {
    zip(layout.segments, roots).map { SegmentHash(root: $1, byteCount: $0.bytes.count) }
  }
}

// How requests are prepared and results are read.
extension BundleHeader {
  private static func image(_ header: GGUFHeader, _ bytes: Span<UInt8>, _ graph: Graph) throws(BundleError) -> ImageInput? {
    guard let image = try ImageInput(header, bytes) else { return nil }
    if let key = image.unfitKey(graph) { throw header.badValue(key) }
    return image
  }

  private static func sound(_ header: GGUFHeader, _ bytes: Span<UInt8>, _ graph: Graph) throws(BundleError) -> SoundInput? {
    guard let sound = try SoundInput(header, bytes) else { return nil }
    if let key = sound.unfitKey(graph) { throw header.badValue(key) }
    return sound
  }

  private static func labels(_ header: GGUFHeader, _ bytes: Span<UInt8>, _ graph: Graph) throws(BundleError) -> [String] {
    guard header[BundleKeys.labels] != nil else { return [] }
    let labels = try header.strings(BundleKeys.labels, bytes)
    guard graph.hasOutput(width: labels.count) else { throw header.badValue(BundleKeys.labels) }
    return labels
  }
}
