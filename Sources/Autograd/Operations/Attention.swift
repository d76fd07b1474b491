import Glibc

/// Multi-head scaled dot-product attention of one sequence's rows over another's, or its own. (Vaswani et al. 2017)
struct Attention {
  let heads: Int
  /// Row i sees keys up to i.
  var causal = false

  func forward(query: Matrix, key: Matrix, value: Matrix) -> Matrix {
    let width = query.columns / heads
    guard key.rows > 0 else { return Matrix(rows: query.rows, columns: query.columns) }
    var result = Matrix(rows: query.rows, columns: query.columns)
    for head in 0..<heads {
      let columns = head * width..<(head + 1) * width
      let scores = MatrixProduct.timesTransposed(
        Block(query, columns: columns), Block(key, columns: columns), scale: 1 / Float(width).squareRoot())
      let mixed = MatrixProduct.times(Block(weights(scores)), Block(value, columns: columns))
      result.replaceColumns(from: columns.lowerBound, with: mixed)
    }
    return result
  }

  private func weights(_ scores: Matrix) -> Matrix {
    guard causal else { return scores.mapRows(softmax) }
    let rows = (0..<scores.rows).flatMap { row in
      softmax(scores[row: row].prefix(row + 1)) + Array(repeating: 0, count: scores.columns - row - 1)
    }
    return Matrix(rows: scores.rows, columns: scores.columns, values: rows)
  }

  private func softmax(_ row: ArraySlice<Float>) -> [Float] {
    let largest = row.max() ?? 0
    let powers = row.map { expf($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
