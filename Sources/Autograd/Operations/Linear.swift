/// x · weightᵀ + bias.
struct Linear {
  /// [outputs, inputs]
  let weight: Matrix
  /// One row.
  let bias: Matrix?

  func forward(_ x: Matrix) -> Matrix {
    let product = MatrixProduct.timesTransposed(Block(x), Block(weight))
    guard let bias else { return product }
    return product.mapRows { row in zip(row, bias.values).map { $0 + $1 } }
  }
}
