/// Each row to mean 0 and variance 1, then · gain + shift. (Ba, Kiros, Hinton 2016)
struct LayerNorm {
  let epsilon: Float
  /// One row each.
  let gain: Matrix
  let shift: Matrix

  func forward(_ x: Matrix) -> Matrix {
    x.mapRows { row in
      let mean = row.reduce(0) { $0 + Double($1) } / Double(row.count)
      let variance = row.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(row.count)
      let factor = 1 / (variance + Double(epsilon)).squareRoot()
      return row.enumerated().map { Float((Double($0.element) - mean) * factor) * gain.values[$0.offset] + shift.values[$0.offset] }
    }
  }
}
