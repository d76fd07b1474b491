package import BundleFormat
package import ModelGraph

/// An opened bundle with its program: what sessions run. Weights are used in place from the bundle's mapping.
///
/// A segment's parameters are checked and its constants computed when a session first needs it, but for the rows of tables of tokens, which
/// are checked when a token is first brought; unless `activate` was called before. Sessions of one model on several threads must find all
/// of it activated.
package final class Model: @unchecked Sendable {
  package let bundle: Bundle
  let program: Program
  private var isActive: [Bool]
  private var isChecked: [Bool]
  /// The segments in which a segment's parameters lie, which nodes of several segments may share.
  private let holders: [Set<Int>]
  private var tables: [TokenTable]

  package var graph: Graph { bundle.graph }

  /// Plans the bundle's graph. Throws where it is not quantised or its inputs and outputs are not served.
  package init(bundle: Bundle) throws(InferenceError) {
    self.bundle = bundle
    program = try Planner(bundle: bundle).program()
    isActive = Array(repeating: false, count: bundle.graph.segments.count)
    isChecked = isActive
    holders = bundle.graph.holders
    tables = TokenTable.tables(of: bundle)
  }

  /// Elements of the first output's rows.
  package var outputWidth: Int { program.outputs.first?.width ?? 0 }

  /// Bytes of the features that cross a split point (a place in `Graph.splitPoints`) for a request with all modalities and that many
  /// tokens: for each tensor that crosses, of n rows, n·h codes, then n little-endian 16-bit ranges, then n zero points.
  package func featureByteCount(split: Int, sequence: Int) -> Int {
    graph.featureByteCount(at: graph.splitPoints[split], sequence: sequence)
  }

  /// Throws unless those can be the features that cross a split point for a request of that many tokens that brings those inputs, a bit
  /// each.
  package func check(_ features: Span<UInt8>, split: Int, sequence: Int, present: UInt64 = .max) throws(InferenceError) {
    let limit = graph.limits.sequence
    guard (1...limit).contains(sequence) else { throw .sequence(sequence, limit: limit) }
    let crossings = program.cuts[split].crossings
    let rows = { (tensor: RowBuffers) in self.program.streams.rows(tensor.stream, sequence: sequence, present: present) }
    let expected = crossings.reduce(0) { $0 + rows($1.rows) * ($1.rows.width + 3) }
    guard features.count == expected else { throw .byteCount(features.count, expected: expected) }
    var ranges = 0
    for crossing in crossings {
      let rows = rows(crossing.rows)
      ranges += rows * crossing.rows.width
      for row in 0..<rows where features[ranges + 2 * row] | features[ranges + 2 * row + 1] == 0 { throw .badFeatures(row: row) }
      ranges += 3 * rows
    }
  }

  /// Checks all of the bundle but the rows of tables of tokens, and makes it ready.
  package func activateSegments() throws(InferenceError) { try activate(isActive.indices.filter { !isActive[$0] }) { $0.run() } }

  /// Checks all of the bundle and makes it ready.
  package func activate() throws(InferenceError) {
    try activateSegments()
    for index in tables.indices {
      if let fault = tables[index].check(bundle) { throw .damaged(fault) }
    }
  }

  /// Checks the rows of tokens of an input.
  func activate(tokens: Span<Int32>, input: Int) throws(InferenceError) {
    for index in tables.indices where tables[index].input == input {
      if let fault = tables[index].check(tokens, of: bundle) { throw .damaged(fault) }
    }
  }

  /// Checks what those steps need for a request that brings those inputs; `runAll` has a check run on all threads that there are.
  func activate(steps: Range<Int>, present: UInt64, runAll: (PieceCheck) -> Void) throws(InferenceError) {
    var isWanted: [Bool]?
    for step in steps where program.dependencies[step] & present != 0 && !isActive[program.segments[step]] {
      isWanted = isWanted ?? Array(repeating: false, count: isActive.count)
      isWanted?[program.segments[step]] = true
    }
    if let isWanted { try activate(isWanted.indices.filter { isWanted[$0] }, runAll) }
  }

  private func activate(_ segments: [Int], _ runAll: (PieceCheck) -> Void) throws(InferenceError) {
    let unchecked = isChecked.indices.filter { held in !isChecked[held] && segments.contains { holders[$0].contains(held) } }
    let pieces = unchecked.flatMap { segment in (0..<bundle.pieceCount(ofSegment: segment)).map { (segment: segment, piece: $0) } }
    let wanted = pieces.filter { piece in !tables.contains { $0.owns(piece: piece.piece, ofSegment: piece.segment) } }
    let check = PieceCheck(wanted, of: bundle)
    runAll(check)
    if let fault = check.fault { throw .damaged(fault) }
    for segment in unchecked { isChecked[segment] = true }
    for segment in segments {
      program.constants.fill(segment: segment)
      isActive[segment] = true
    }
  }
}

extension Graph {
  /// For each segment those that hold its parameters: a parameter lies in the first segment that uses it.
  fileprivate var holders: [Set<Int>] {
    var first: [TensorID: Int] = [:]
    return segments.enumerated().map { index, segment in
      var holders: Set<Int> = [index]
      for id in parameters(of: segment.nodes) {
        if let earlier = first[id] { holders.insert(earlier) } else { first[id] = index }
      }
      return holders
    }
  }
}
