package import ModelGraph

// A segment is checked in pieces: each on its own, in any order and on any thread.
extension Bundle {
  package func pieceCount(ofSegment index: Int) -> Int { segmentHashes[index].pieceCount }

  /// What is wrong with a piece, as `verify(segment:)` tells it. Allocates nothing where nothing is.
  package func fault(inPiece piece: Int, ofSegment index: Int) -> BundleError? {
    let range = range(ofPiece: piece, ofSegment: index)
    if isDamaged(piece: piece, ofSegment: index) {
      return .damaged(part: "segment '\(graph.segments[index].name)'", offset: payloadStart + range.lowerBound)
    }
    let places = layout.places[layout.segments[index].places]
    guard let fault = unsafe SegmentCheck(payload, payloadStart: payloadStart, places: places).fault(in: range) else { return nil }
    // A block of weights may reach into pieces that are damaged.
    let later = (piece + 1..<pieceCount(ofSegment: index)).first { isDamaged(piece: $0, ofSegment: index) }
    return later.flatMap { self.fault(inPiece: $0, ofSegment: index) } ?? fault
  }

  /// Where a piece lies, from the first segment's start.
  private func range(ofPiece piece: Int, ofSegment index: Int) -> Range<Int> {
    let segment = layout.segments[index].bytes
    let start = segment.lowerBound + piece * segmentHashes[index].pieceSize
    return start..<min(start + segmentHashes[index].pieceSize, segment.upperBound)
  }

  private func isDamaged(piece: Int, ofSegment index: Int) -> Bool {
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: payload[range(ofPiece: piece, ofSegment: index)])
    return unsafe !segmentHashes[index].matches(bytes, piece: piece)
  }

  /// Where the rows of a parameter of int8 rows and their scales lie among the pieces of its segment.
  package func rowPieces(of id: TensorID) -> RowPieces? {
    guard let first = layout.parameters[id], layout.places[first].content == .table,
      let segment = layout.segments.firstIndex(where: { $0.places.contains(first) })
    else { return nil }
    return RowPieces(
      rows: layout.places[first], scales: layout.places[first + 1], segment: segment, start: layout.segments[segment].bytes.lowerBound,
      pieceSize: segmentHashes[segment].pieceSize)
  }
}

/// Where the rows of a table lie among the pieces of its segment.
package struct RowPieces {
  package let segment: Int
  /// The pieces that hold nothing but rows of this table and their scales.
  package let own: Range<Int>
  private let rows: Range<Int>
  private let scales: Range<Int>
  private let rowSize: Int
  private let pieceSize: Int

  /// `start` is where the segment starts.
  init(rows: TensorPlace, scales: TensorPlace, segment: Int, start: Int, pieceSize: Int) {
    self.segment = segment
    self.pieceSize = pieceSize
    self.rows = rows.bytes.lowerBound - start..<rows.bytes.upperBound - start
    self.scales = scales.bytes.lowerBound - start..<scales.bytes.upperBound - start
    rowSize = rows.bytes.count / rows.dimensions[0]
    let first = (self.rows.lowerBound + pieceSize - 1) / pieceSize
    own = first..<max(first, self.scales.upperBound / pieceSize)
  }

  /// The pieces that hold a row.
  package func pieces(ofRow row: Int) -> ClosedRange<Int> {
    let start = rows.lowerBound + row * rowSize
    return start / pieceSize...(start + rowSize - 1) / pieceSize
  }

  /// The piece that holds a row's scale.
  package func piece(ofScale row: Int) -> Int { (scales.lowerBound + 4 * row) / pieceSize }
}
