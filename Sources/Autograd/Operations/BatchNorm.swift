import CFloatKernels

/// Each column to mean 0 and variance 1, then · gain + shift: in training over the rows of the whole batch, else by running averages.
/// It stands behind a convolution while that is trained, and is folded into it then. Parameters: gain, shift, running mean and running
/// variance, which training moves. (Ioffe, Szegedy 2015)
struct BatchNorm: TapeOperation {
  let epsilon: Float
  /// The part of the batch in the running averages.
  let momentum: Float
  let width: Int

  private static let grain = 64

  var backwardReads: BackwardReads { .inputs }

  /// Mean and 1 / deviation of each column.
  func savedCount(_ inputs: [RowLayout]) -> Int { 2 * width }

  func forward(_ pass: Pass) {
    let (x, y) = (pass.inputs[0], pass.output)
    guard x.rows > 0 else { return }
    let moments = pass.isTraining ? batchMoments(pass) : runningMoments(pass)
    moments.store(in: pass.saved)
    let line = moments.line(gain: pass.parameters[0], shift: pass.parameters[1])
    pass.workers.share(x.rows, grain: Self.grain) { _, part in
      f32_affine_columns(y.row(part.lowerBound), x.row(part.lowerBound), line.factor, line.offset, part.count, width)
    }
  }

  func backward(_ pass: Pass, _ gradients: Gradients) {
    let (x, dy) = (pass.inputs[0], gradients.output)
    guard x.rows > 0 else { return }
    let moments = ColumnMoments(stored: pass.saved, rows: x.rows, width: width)
    var products = [Double](repeating: 0, count: 2 * width)
    pass.workers.sum(x.rows, count: 2 * width, of: 0, grain: Self.grain, into: &products) { _, part, sums in
      f32_add_column_products(sums, sums + width, dy.row(part.lowerBound), x.row(part.lowerBound), part.count, width)
    }
    moments.center(&products)
    for column in 0..<width {
      gradients.parameters[0]?[column] += Float(products[width + column])
      gradients.parameters[1]?[column] += Float(products[column])
    }
    guard let dx = gradients.inputs[0] else { return }
    let slope = moments.slope(gain: pass.parameters[0], products, isOwn: pass.isTraining)
    pass.workers.share(x.rows, grain: Self.grain) { _, part in
      let first = part.lowerBound
      f32_affine_columns_gradient(
        dx.rows.row(first), dy.row(first), x.row(first), slope.a, slope.b, slope.c, dx.keep, part.count, width)
    }
  }

  /// Of the batch; moves the running averages, the variance without bias.
  private func batchMoments(_ pass: Pass) -> ColumnMoments {
    let x = pass.inputs[0]
    func means(around centre: [Double]?) -> [Double] {
      var sums = [Double](repeating: 0, count: width)
      pass.workers.sum(x.rows, count: width, of: 0, grain: Self.grain, into: &sums) { _, part, sums in
        f32_add_column_moments(sums, centre, x.row(part.lowerBound), part.count, width)
      }
      return sums.map { $0 / Double(x.rows) }
    }
    let mean = means(around: nil)
    let variance = means(around: mean)
    let correction = Float(x.rows) / Float(max(x.rows - 1, 1))
    for column in 0..<width {
      pass.parameters[2][column] += momentum * (Float(mean[column]) - pass.parameters[2][column])
      pass.parameters[3][column] += momentum * (Float(variance[column]) * correction - pass.parameters[3][column])
    }
    return ColumnMoments(means: mean, variances: variance, rows: x.rows, epsilon: epsilon)
  }

  private func runningMoments(_ pass: Pass) -> ColumnMoments {
    ColumnMoments(
      means: (0..<width).map { Double(pass.parameters[2][$0]) }, variances: (0..<width).map { Double(pass.parameters[3][$0]) },
      rows: pass.inputs[0].rows, epsilon: epsilon)
  }
}
