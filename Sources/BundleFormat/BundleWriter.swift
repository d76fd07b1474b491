import ModelGraph

/// Writes bundles.
package enum BundleWriter {
  /// Writes a bundle to a file: under another name in the same folder first, which then takes the place of any file of that name.
  package static func write(_ contents: BundleContents, to path: String) throws(BundleError) {
    try NewFile.write(try serialize(contents), to: path)
  }

  /// The bytes of a bundle.
  package static func serialize(_ contents: BundleContents) throws(BundleError) -> [UInt8] {
    try check(contents)
    let layout = try Layout(contents.graph)
    let payload = try payload(contents, layout)
    let header = try header(contents, layout, layout.segments.map { SegmentHash(of: payload.span.extracting($0.bytes)) })
    return header + payload
  }

  private static func check(_ contents: BundleContents) throws(BundleError) {
    let known = Set(contents.graph.parameters)
    for id in contents.parameters.keys where !known.contains(id) {
      throw .badContents(field: "tensor number \(id.index)", problem: "it is no parameter of the graph")
    }
    var keys: Set<String> = []
    for note in contents.notes {
      let isKey = note.key.utf8.count <= GGUF.longestName && note.key.utf8.allSatisfy { (0x21...0x7e).contains($0) }
      guard isKey, BundleKeys.isNote(note.key), keys.insert(note.key).inserted else {
        throw .badContents(field: note.key, problem: "no key for a note, or given twice")
      }
    }
    if let key = contents.unfitKey { throw .badContents(field: key, problem: "out of range, or nothing in the graph fits it") }
  }

  private static func payload(_ contents: BundleContents, _ layout: Layout) throws(BundleError) -> [UInt8] {
    var payload: [UInt8] = []
    payload.reserveCapacity(layout.size)
    for (id, first) in layout.parameters.sorted(by: { $0.value < $1.value }) {
      for (index, bytes) in try contents.packed(id, as: layout.forms[id] ?? .plain).enumerated() {
        payload.pad(to: layout.places[first + index].bytes.lowerBound)
        payload += bytes
      }
    }
    payload.pad(to: layout.size)
    return payload
  }

  private static func header(_ contents: BundleContents, _ layout: Layout, _ hashes: [SegmentHash]) throws(BundleError) -> [UInt8] {
    var encoder = GGUFEncoder()
    encoder.add(BundleKeys.architecture, BundleKeys.tributary)
    encoder.add(BundleKeys.name, contents.name)
    encoder.add(BundleKeys.alignment, UInt32(Layout.alignment))
    encoder.add(BundleKeys.format, BundleKeys.formatVersion)
    encoder.add(BundleKeys.digest, String(repeating: "0", count: 2 * Digest.size))
    for note in contents.notes { encoder.add(note.key, note.text) }
    add(contents.graph, layout, hashes, to: &encoder)
    contents.image?.add(to: &encoder)
    contents.sound?.add(to: &encoder)
    if !contents.labels.isEmpty { encoder.add(BundleKeys.labels, contents.labels) }
    contents.confidence?.add(to: &encoder)
    contents.ratePoints?.add(to: &encoder)
    if !contents.featureDictionary.isEmpty { encoder.add(BundleKeys.featureDictionary, bytes: contents.featureDictionary) }
    contents.tokenizer?.add(to: &encoder)
    contents.bytePair?.add(to: &encoder)
    // Descriptions have a fixed size, so their end, which their offsets count from, is known from a first pass with any offsets.
    var draft = encoder
    for place in layout.places { draft.add(place, offset: 0) }
    let end = draft.bytes.count
    guard end <= GGUF.maximumHeaderSize, let dataStart = end.aligned(to: Layout.alignment), let start = end.aligned(to: Layout.page) else {
      throw .tooLarge(field: "header", offset: 0, limit: GGUF.maximumHeaderSize)
    }
    for place in layout.places { encoder.add(place, offset: start - dataStart + place.bytes.lowerBound) }
    var bytes = encoder.bytes
    bytes.pad(to: start)
    try seal(&bytes)
    return bytes
  }

  /// Writes the digest of a header, which ends where the bytes end or at a page's start before, into its place.
  package static func seal(_ bytes: inout [UInt8]) throws(BundleError) {
    let header = try GGUFHeader(bytes.span)
    let place = try header.text(BundleKeys.digest)
    let end = header.end.aligned(to: Layout.page) ?? bytes.count
    bytes.replaceSubrange(place, with: BundleHeader.digest(bytes.span, place: place, end: min(end, bytes.count)).digits)
  }

  private static func add(_ graph: Graph, _ layout: Layout, _ hashes: [SegmentHash], to encoder: inout GGUFEncoder) {
    encoder.add(GraphText.batch, UInt32(graph.limits.batch))
    encoder.add(GraphText.sequence, UInt32(graph.limits.sequence))
    encoder.add(GraphText.inputs, graph.inputs.map { graph[$0].name })
    encoder.add(GraphText.outputs, graph.outputs.map { graph[$0].name })
    encoder.add(GraphText.tensors, graph.tensors.map { GraphText.line($0) })
    encoder.add(GraphText.scales, graph.tensors.map { GraphText.scale($0) })
    encoder.add(GraphText.nodes, graph.nodes.map { GraphText.line($0, in: graph) })
    encoder.add(GraphText.epsilons, graph.nodes.map { GraphText.epsilon($0) })
    encoder.add(
      GraphText.segments,
      graph.segments.indices.map { GraphText.line(graph.segments[$0], size: layout.segments[$0].bytes.count, digest: hashes[$0].root) })
    // Empty arrays would trouble other readers.
    let leaves = hashes.flatMap { $0.leaves }
    if !leaves.isEmpty { encoder.add(BundleKeys.leaves, bytes: leaves) }
    if !graph.splitPoints.isEmpty { encoder.add(GraphText.splitPoints, graph.splitPoints.map { $0.name }) }
  }
}
