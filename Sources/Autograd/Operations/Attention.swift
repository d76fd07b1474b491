import Glibc

/// Multi-head scaled dot-product attention within one sequence. (Vaswani et al. 2017)
struct Attention {
  let heads: Int

  func forward(query: Matrix, key: Matrix, value: Matrix) -> Matrix {
    let width = query.columns / heads
    var result = Matrix(rows: query.rows, columns: query.columns)
    for head in 0..<heads {
      let columns = head * width..<(head + 1) * width
      let scores = MatrixProduct.timesTransposed(
        Block(query, columns: columns), Block(key, columns: columns), scale: 1 / Float(width).squareRoot())
      let mixed = MatrixProduct.times(Block(scores.mapRows(softmax)), Block(value, columns: columns))
      for row in 0..<mixed.rows {
        let start = row * result.columns + columns.lowerBound
        result.values.replaceSubrange(start..<start + width, with: mixed[row: row])
      }
    }
    return result
  }

  private func softmax(_ row: ArraySlice<Float>) -> [Float] {
    let largest = row.max() ?? 0
    let powers = row.map { expf($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
