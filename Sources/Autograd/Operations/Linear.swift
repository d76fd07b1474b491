/// x · weightᵀ + bias.
struct Linear {
  /// [outputs, inputs]
  let weight: Matrix
  /// One row.
  let bias: Matrix?

  func forward(_ x: Matrix) -> Matrix {
    let product = MatrixProduct.timesTransposed(Block(x), Block(weight))
    return bias.map { product.addingToRows($0) } ?? product
  }
}
