import CFloatKernels

/// Each column to mean 0 and variance 1 over the rows of an example, then · gain + shift. Parameters: gain, shift.
/// (Wu, He 2018, with one channel a group)
struct ChannelNorm: TapeOperation {
  let epsilon: Float
  let width: Int

  var backwardReads: BackwardReads { .inputs }

  /// Mean and 1 / deviation of each column of each example.
  func savedCount(_ inputs: [RowLayout]) -> Int { inputs[0].examples * 2 * width }

  func forward(_ pass: Pass) {
    let (x, y) = (pass.inputs[0], pass.output)
    pass.workers.share(x.layout.examples) { _, part in
      for example in part where !x.layout[example].isEmpty {
        let rows = x.layout[example]
        let moments = ColumnMoments(x.row(rows.lowerBound), rows: rows.count, width: width, epsilon: epsilon)
        moments.store(in: pass.saved + example * 2 * width)
        let line = moments.line(gain: pass.parameters[0], shift: pass.parameters[1])
        f32_affine_columns(y.row(rows.lowerBound), x.row(rows.lowerBound), line.factor, line.offset, rows.count, width)
      }
    }
  }

  func backward(_ pass: Pass, _ gradients: Gradients) {
    let (x, dy) = (pass.inputs[0], gradients.output)
    var sums = [Double](repeating: 0, count: 2 * width)
    pass.workers.sum(x.layout.examples, count: 2 * width, of: 0, into: &sums) { _, part, sums in
      for example in part where !x.layout[example].isEmpty {
        let rows = x.layout[example]
        let moments = ColumnMoments(stored: pass.saved + example * 2 * width, rows: rows.count, width: width)
        let products = moments.products(dy.row(rows.lowerBound), x.row(rows.lowerBound), rows: rows.count)
        for column in 0..<2 * width { sums[column] += products[column] }
        guard let dx = gradients.inputs[0] else { continue }
        let slope = moments.slope(gain: pass.parameters[0], products)
        f32_affine_columns_gradient(
          dx.rows.row(rows.lowerBound), dy.row(rows.lowerBound), x.row(rows.lowerBound), slope.a, slope.b, slope.c, dx.keep, rows.count,
          width)
      }
    }
    for column in 0..<width {
      gradients.parameters[0]?[column] += Float(sums[width + column])
      gradients.parameters[1]?[column] += Float(sums[column])
    }
  }
}
