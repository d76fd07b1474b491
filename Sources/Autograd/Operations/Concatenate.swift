/// The rows of all matrices, one after the other.
struct Concatenate {
  func forward(_ inputs: [Matrix]) -> Matrix {
    Matrix(rows: inputs.reduce(0) { $0 + $1.rows }, columns: inputs[0].columns, values: inputs.flatMap(\.values))
  }
}
