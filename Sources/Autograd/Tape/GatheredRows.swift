import CFloatKernels

/// Some rows of a tensor behind each other.
package struct GatheredRows {
  /// The rows' numbers in the tensor.
  package let places: [Int]
  let block: Block
  private let memory: FloatMemory

  /// Zeros.
  package init(places: [Int], columns: Int) {
    self.places = places
    memory = FloatMemory(count: places.count * columns)
    block = Block(memory.start, rows: places.count, columns: columns)
  }

  /// Copies.
  package init(_ source: Rows, _ places: [Int]) {
    self.init(places: places, columns: source.columns)
    for (index, place) in places.enumerated() {
      f32_scale(block.start + index * block.columns, source.row(place), 1, 0, block.columns)
    }
  }

  /// Rows of other values, which come from no tensor.
  package init(_ rows: [[Float]], columns: Int) {
    self.init(places: Array(rows.indices), columns: columns)
    for (index, row) in rows.enumerated() {
      for (column, value) in row.enumerated() { block.start[index * columns + column] = value }
    }
  }

  /// As a tensor with one row an example; it must not outlive this.
  package var rows: Rows {
    Rows(start: block.start, layout: RowLayout(Array(repeating: 1, count: places.count)), columns: block.columns)
  }

  /// Each row of the target becomes keep · itself + what was gathered.
  package func scatter(to target: Rows, keep: Float) {
    for (index, place) in places.enumerated() {
      f32_scale(target.row(place), block.start + index * block.columns, 1, keep, block.columns)
    }
  }
}
