import CFloatKernels

/// Some rows of a tensor behind each other.
struct GatheredRows {
  let rows: [Int]
  let block: Block
  private let memory: FloatMemory

  /// Zeros.
  init(rows: [Int], columns: Int) {
    self.rows = rows
    memory = FloatMemory(count: rows.count * columns)
    block = Block(memory.start, rows: rows.count, columns: columns)
  }

  init(_ source: Rows, _ rows: [Int]) {
    self.init(rows: rows, columns: source.columns)
    for (place, row) in rows.enumerated() { f32_scale(block.start + place * block.columns, source.row(row), 1, 0, block.columns) }
  }

  func scatter(to target: Rows, keep: Float) {
    for (place, row) in rows.enumerated() { f32_scale(target.row(row), block.start + place * block.columns, 1, keep, block.columns) }
  }
}
