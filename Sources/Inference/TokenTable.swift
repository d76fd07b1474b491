import BundleFormat
import ModelGraph

/// A table of tokens, of which requests touch few rows: what holds nothing else is checked only when a row there is first wanted.
struct TokenTable {
  /// The input that brings the tokens, a place in `Graph.inputs`.
  let input: Int
  private let pieces: RowPieces
  /// Of `pieces.own`.
  private var isChecked: [Bool]

  /// The tables that tokens from the graph's inputs alone choose rows of.
  static func tables(of bundle: Bundle) -> [TokenTable] {
    let graph = bundle.graph
    var inputOf: [TensorID: Int?] = [:]
    for node in graph.nodes {
      for (index, id) in node.parameters.enumerated() {
        let input = node.operation == .embedding && index == 0 ? graph.inputs.firstIndex(of: node.inputs[0]) : nil
        inputOf[id] = inputOf[id, default: input] == input ? input : .some(nil)
      }
    }
    return graph.parameters.compactMap { id in
      guard let input = inputOf[id] ?? nil, let pieces = bundle.rowPieces(of: id) else { return nil }
      return TokenTable(input: input, pieces: pieces, isChecked: pieces.own.map { _ in false })
    }
  }

  /// Whether the piece is none to be checked with its segment.
  func owns(piece: Int, ofSegment segment: Int) -> Bool { segment == pieces.segment && pieces.own.contains(piece) }

  /// Checks what the rows of those tokens, which the table has, lie in.
  mutating func check(_ tokens: Span<Int32>, of bundle: Bundle) -> BundleError? {
    for index in tokens.indices {
      let row = Int(tokens[index])
      for piece in pieces.pieces(ofRow: row) { if let fault = check(piece, of: bundle) { return fault } }
      if let fault = check(pieces.piece(ofScale: row), of: bundle) { return fault }
    }
    return nil
  }

  /// Checks all of it.
  mutating func check(_ bundle: Bundle) -> BundleError? {
    for piece in pieces.own { if let fault = check(piece, of: bundle) { return fault } }
    return nil
  }

  private mutating func check(_ piece: Int, of bundle: Bundle) -> BundleError? {
    guard pieces.own.contains(piece), !isChecked[piece - pieces.own.lowerBound] else { return nil }
    if let fault = bundle.fault(inPiece: piece, ofSegment: pieces.segment) { return fault }
    isChecked[piece - pieces.own.lowerBound] = true
    return nil
  }
}
