package import ModelGraph

/// A model file, mapped into memory: GGUF version 3 with the graph, the tokenizer and the parameters in the order of the segments.
/// What an initialiser has accepted is whole and fits together; parameters are used where they lie.
package final class Bundle: Sendable {
  package let path: String
  /// `general.name`.
  package let name: String
  package let graph: Graph
  /// The bundle's identity: 32 bytes, SHA-256 of the header, which holds the hash of each segment.
  package let hash: [UInt8]
  /// In the order of `graph.segments`.
  package let segmentHashes: [SegmentHash]
  package let notes: [Note]
  /// How text becomes tokens; nil where the bundle has no tokenizer.
  package let tokenizer: TokenizerOptions?
  /// The same, for the byte-pair encoding of CLIP.
  package let bytePair: BytePairOptions?
  /// How a picture becomes pixels.
  package let image: ImageInput?
  /// How sound becomes samples.
  package let sound: SoundInput?
  /// What the numbers of an output stand for; empty where nothing tells.
  package let labels: [String]
  /// What makes a confidence of answers; nil where nothing tells.
  package let confidence: Confidence?
  /// How much of the features at split points may stay behind; nil where nothing tells.
  package let ratePoints: RatePoints?
  /// A zstd dictionary for the features at split points; empty where there is none.
  package let featureDictionary: [UInt8]
  /// The number of tokens in the vocabulary.
  package let tokenCount: Int

  private let file: MappedFile
  let layout: Layout
  /// Where the first segment starts in the file.
  let payloadStart: Int
  private let tokens: GGUFEntry?
  private let merges: GGUFEntry?

  /// Opens a bundle and checks all of it: structure, graph, hashes and the numbers in every tensor.
  /// The file must not be changed while the bundle lives.
  package convenience init(path: String) throws(BundleError) {
    try self.init(unverified: path)
    for segment in graph.segments.indices { try verify(segment: segment) }
  }

  /// Opens a bundle and checks all but the segments, each of which must pass `verify(segment:)` before its parameters are used.
  package init(unverified path: String) throws(BundleError) {
    file = try MappedFile(path: path)
    let header = try unsafe BundleHeader(file: file.bytes.bindMemory(to: UInt8.self).span)
    self.path = path
    name = header.name
    graph = header.graph
    hash = header.digest.bytes
    segmentHashes = header.segmentHashes
    notes = header.notes
    tokenizer = header.tokenizer
    bytePair = header.bytePair
    image = header.image
    sound = header.sound
    labels = header.labels
    confidence = header.confidence
    ratePoints = header.ratePoints
    featureDictionary = header.featureDictionary
    tokenCount = header.tokens?.count ?? 0
    layout = header.layout
    payloadStart = header.payloadStart
    tokens = header.tokens
    merges = header.merges
  }

  /// The size of the file.
  package var byteCount: Int { unsafe file.bytes.count }

  /// The bytes that a segment of the graph takes in the file.
  package func byteCount(of segment: Segment) -> Int {
    graph.segments.firstIndex(of: segment).map { layout.segments[$0].bytes.count } ?? 0
  }

  /// Where the parameters of a segment (a place in `graph.segments`) lie in the file: from a page's start up to the next segment.
  package func range(ofSegment index: Int) -> Range<Int> {
    let range = layout.segments[index].bytes
    return payloadStart + range.lowerBound..<payloadStart + range.upperBound
  }

  /// Checks a segment's hash and its numbers: floats finite and at most 2^64, scales within 2^-64...2^64, int8 above −128, sums and
  /// proofs right.
  package func verify(segment index: Int) throws(BundleError) {
    for piece in 0..<pieceCount(ofSegment: index) {
      if let fault = fault(inPiece: piece, ofSegment: index) { throw fault }
    }
  }

  /// Calls `body` with the UTF-8 bytes of each token where they lie, in the order of the identifiers.
  package func forEachToken<Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Void) throws(Failure) {
    try forEachText(of: tokens, body)
  }

  /// Calls `body` with the UTF-8 bytes of each merge of the byte-pair encoding, the most urgent first.
  package func forEachMerge<Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Void) throws(Failure) {
    try forEachText(of: merges, body)
  }

  private func forEachText<Failure: Error>(of entry: GGUFEntry?, _ body: (Span<UInt8>) throws(Failure) -> Void) throws(Failure) {
    guard let entry else { return }
    let bytes = unsafe file.bytes.bindMemory(to: UInt8.self).span
    var cursor = Cursor(at: entry.bytes.lowerBound)
    for _ in 0..<entry.count {
      guard let range = try? cursor.string(of: bytes, field: entry.key) else { return }
      try body(bytes.extracting(range))
    }
  }

  /// The values of a parameter of the graph.
  package func parameter(_ id: TensorID) -> ParameterView {
    guard let index = layout.parameters[id] else { preconditionFailure("tensor \(id.index) is no parameter of the graph") }
    let place = layout.places[index]
    return switch place.content {
    case .table: unsafe ParameterView(values: bytes(of: place), scales: pointer(to: layout.places[index + 1]))
    case .blocked: unsafe matrix(at: index, proofs: nil)
    case .proofs: unsafe matrix(at: index + 1, proofs: pointer(to: place))
    case .numbers, .scales, .sums: unsafe ParameterView(values: bytes(of: place))
    }
  }

  private func matrix(at index: Int, proofs: UnsafePointer<UInt8>?) -> ParameterView {
    unsafe ParameterView(
      values: bytes(of: layout.places[index]), scales: pointer(to: layout.places[index + 1]), sums: pointer(to: layout.places[index + 2]),
      proofs: proofs)
  }

  private func bytes(of place: TensorPlace) -> UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(rebasing: payload[place.bytes]) }

  /// The file from the first segment on.
  var payload: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(rebasing: file.bytes[payloadStart...]) }

  private func pointer<T>(to place: TensorPlace) -> UnsafePointer<T>? {
    unsafe bytes(of: place).bindMemory(to: T.self).baseAddress
  }
}

/// The values of a parameter in a bundle's mapping, each part at a multiple of 64 bytes. Valid while the bundle lives.
@unsafe package struct ParameterView {
  /// In the `ParameterForm` of its readers: float32 and int8 row-major; int8 blocked [outputs/16, inputs/4, 16, 4] with zeros to
  /// whole blocks;  /// int8 [height, width, channels] of a depthwise convolution.
  package let values: UnsafeRawBufferPointer
  /// Of int8: one scale a row (output).
  package var scales: UnsafePointer<Float>?
  /// Of a blocked matrix: the sum of each output's weights.
  package var sums: UnsafePointer<Int32>?
  /// Of a blocked matrix in a bundle of format 2 or later: the proved run of each block of 16 outputs, one of `Layout.runs` or 0.
  package var proofs: UnsafePointer<UInt8>?
}
