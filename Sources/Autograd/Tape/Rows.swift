/// How many rows each example of a batch has in a tensor, one example after the other. An example without a modality, or with a shorter
/// text, has no rows or fewer: there is no padding, so nothing has to be masked.
package struct RowLayout: Hashable, Sendable {
  /// Where each example begins, and the end: one more than examples.
  private let edges: [Int]

  package init(_ counts: [Int]) {
    var edges = [0]
    edges.reserveCapacity(counts.count + 1)
    for count in counts { edges.append(edges[edges.count - 1] + count) }
    self.edges = edges
  }

  /// The rows of all examples.
  package var count: Int { edges[edges.count - 1] }

  package var examples: Int { edges.count - 1 }

  /// The rows of one example.
  package subscript(_ example: Int) -> Range<Int> { edges[example]..<edges[example + 1] }

  /// A layout with other counts, each from the example's own.
  func map(_ transform: (Int) -> Int) -> RowLayout { RowLayout((0..<examples).map { transform(self[$0].count) }) }

  /// `count` rows for each example that has any.
  func present(_ count: Int) -> RowLayout { map { $0 > 0 ? count : 0 } }
}

/// The rows of a batch in memory, row-major.
package struct Rows {
  package let start: UnsafeMutablePointer<Float>
  package let layout: RowLayout
  package let columns: Int

  package init(start: UnsafeMutablePointer<Float>, layout: RowLayout, columns: Int) {
    self.start = start
    self.layout = layout
    self.columns = columns
  }

  package var rows: Int { layout.count }

  /// Elements of all rows.
  package var count: Int { layout.count * columns }

  /// Where a row begins.
  package func row(_ row: Int) -> UnsafeMutablePointer<Float> { start + row * columns }

  /// Has the other columns of all rows be zeros.
  func keep(columns kept: Int) {
    for row in 0..<rows where kept < columns { (self.row(row) + kept).update(repeating: 0, count: columns - kept) }
  }

  /// A copy.
  package var matrix: Matrix { Matrix(rows: rows, columns: columns, values: Array(UnsafeBufferPointer(start: start, count: count))) }

  /// Those rows, as an operand of products.
  func block(_ range: Range<Int>, columns part: Range<Int>? = nil) -> Block {
    let part = part ?? 0..<columns
    return Block(row(range.lowerBound) + part.lowerBound, rows: range.count, columns: part.count, stride: columns)
  }

  /// All rows, as an operand of products.
  func block(columns part: Range<Int>? = nil) -> Block { block(0..<rows, columns: part) }
}
