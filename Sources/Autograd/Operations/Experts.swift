import Glibc
import ModelGraph

/// Top-1 mixture of feed-forward experts. (Fedus, Zoph, Shazeer 2021)
struct Experts {
  /// [experts, width]
  let router: Matrix
  /// [experts · inner, width] and one row
  let up: Matrix
  let upBias: Matrix
  /// [experts · width, inner] and one row
  let down: Matrix
  let downBias: Matrix

  func forward(_ x: Matrix) -> Matrix {
    let logits = MatrixProduct.timesTransposed(Block(x), Block(router))
    return Matrix(
      rows: x.rows, columns: x.columns,
      values: (0..<x.rows).flatMap { row in
        let scores = logits[row: row]
        let largest = scores.max() ?? 0
        let expert = (scores.firstIndex(of: largest) ?? scores.startIndex) - scores.startIndex
        let probability = 1 / scores.reduce(0) { $0 + expf($1 - largest) }
        return apply(expert, to: Matrix(rows: 1, columns: x.columns, values: Array(x[row: row]))).map { $0 * probability }
      })
  }

  private func apply(_ expert: Int, to row: Matrix) -> [Float] {
    let inner = part(expert, of: up, upBias).forward(row)
    return part(expert, of: down, downBias).forward(Activation.gelu.forward(inner)).values
  }

  /// One expert's part of the matrices of all.
  private func part(_ expert: Int, of weight: Matrix, _ bias: Matrix) -> Linear {
    let rows = weight.rows / router.rows
    let range = expert * rows..<(expert + 1) * rows
    let values = Array(weight.values[range.lowerBound * weight.columns..<range.upperBound * weight.columns])
    return Linear(
      weight: Matrix(rows: rows, columns: weight.columns, values: values),
      bias: Matrix(rows: 1, columns: rows, values: Array(bias.values[range])))
  }
}
