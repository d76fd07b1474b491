import Glibc

/// x + tanh(gate) · y. (Alayrac et al. 2022)
struct GatedAdd {
  /// One element.
  let gate: Matrix

  func forward(_ x: Matrix, _ y: Matrix) -> Matrix {
    let factor = tanhf(gate.values[0])
    return Matrix(rows: x.rows, columns: x.columns, values: zip(x.values, y.values).map { $0 + factor * $1 })
  }
}
