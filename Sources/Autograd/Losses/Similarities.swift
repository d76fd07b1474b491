import CFloatKernels

/// How alike rows are: scale · the products of each row of one tensor with each of another.
package struct Similarities {
  private let memory: FloatMemory
  private let count: (rows: Int, columns: Int)

  package init(_ a: Rows, _ b: Rows, scale: Float, workers: Workers) {
    count = (a.rows, b.rows)
    memory = FloatMemory(count: a.rows * b.rows)
    let matrix = Block(memory.start, rows: a.rows, columns: b.rows)
    workers.share(a.rows) { _, part in
      MatrixProduct.timesTransposed(a.block(part), b.block(), into: matrix.rows(part), scale: scale)
    }
  }

  /// A row for each of the first tensor's; it must not outlive this.
  package var rows: Rows {
    Rows(start: memory.start, layout: RowLayout(Array(repeating: 1, count: count.rows)), columns: count.columns)
  }
}
