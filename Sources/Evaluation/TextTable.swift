/// Cells under a header, in columns of their widest: the first ones to the left, the others to the right.
package struct TextTable: Hashable, Sendable {
  private let header: [String]
  private let rows: [[String]]
  private let words: Int

  /// Rows have as many cells as the header; the first `words` columns are to the left.
  package init(_ header: [String], _ rows: [[String]], words: Int = 1) { (self.header, self.rows, self.words) = (header, rows, words) }

  package var text: String {
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    let lines = ([header] + rows).map { row in
      row.indices.map { row[$0].padded(widths[$0], right: $0 >= words) }.joined(separator: "  ")
    }
    return lines.joined(separator: "\n")
  }
}
