/// Each row through the product of its own expert. (Fedus, Zoph, Shazeer 2021)
struct ExpertLinear {
  let experts: Int
  /// [experts · outputs, width]
  let weight: Matrix
  /// One row.
  let bias: Matrix

  func forward(_ x: Matrix, logits: Matrix) -> Matrix {
    let outputs = weight.rows / experts
    return Matrix(
      rows: x.rows, columns: outputs,
      values: (0..<x.rows).flatMap { row in
        let own = part(logits.expert(ofRow: row), outputs: outputs)
        return own.forward(Matrix(rows: 1, columns: x.columns, values: Array(x[row: row]))).values
      })
  }

  private func part(_ expert: Int, outputs: Int) -> Linear {
    let rows = expert * outputs..<(expert + 1) * outputs
    let values = Array(weight.values[rows.lowerBound * weight.columns..<rows.upperBound * weight.columns])
    return Linear(
      weight: Matrix(rows: outputs, columns: weight.columns, values: values),
      bias: Matrix(rows: 1, columns: outputs, values: Array(bias.values[rows])))
  }
}

extension Matrix {
  /// The place of the first of the largest logits of a row.
  func expert(ofRow row: Int) -> Int {
    let logits = self[row: row]
    let largest = logits.max() ?? 0
    return (logits.firstIndex(of: largest) ?? logits.startIndex) - logits.startIndex
  }
}
