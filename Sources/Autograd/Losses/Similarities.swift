import CFloatKernels

/// How alike rows are: scale · the products of each row of one tensor with each of another.
package struct Similarities {
  private let memory: FloatMemory
  private let count: (rows: Int, columns: Int)

  package init(_ a: Rows, _ b: Rows, scale: Float, workers: Workers) {
    self.init(rows: a.rows, columns: b.rows)
    let matrix = Block(memory.start, rows: a.rows, columns: b.rows)
    workers.share(a.rows) { _, part in
      MatrixProduct.timesTransposed(a.block(part), b.block(), into: matrix.rows(part), scale: scale)
    }
  }

  private init(rows: Int, columns: Int) {
    count = (rows, columns)
    memory = FloatMemory(count: rows * columns)
  }

  /// A row for each of the first tensor's; it must not outlive this.
  package var rows: Rows {
    Rows(start: memory.start, layout: RowLayout(Array(repeating: 1, count: count.rows)), columns: count.columns)
  }

  /// Row-major.
  package var values: [Float] { Array(memory.values) }

  /// A row for each of the second tensor's.
  package var transposed: Similarities {
    let turned = Similarities(rows: count.columns, columns: count.rows)
    for row in 0..<count.rows {
      for column in 0..<count.columns { turned.memory.start[column * count.rows + row] = memory.start[row * count.columns + column] }
    }
    return turned
  }
}
