import CFloatKernels
import ModelGraph

/// The rows of each example → one row; none where there are none.
struct RowPool: TapeOperation {
  let kind: Pool

  var backwardReads: BackwardReads { [] }

  func layout(_ inputs: [RowLayout]) -> RowLayout? { inputs[0].present(1) }

  func forward(_ pass: Pass) {
    let (x, y) = (pass.inputs[0], pass.output)
    forEachExample(x.layout, y.layout, pass.workers) { from, to in
      switch kind {
      case .mean:
        f32_scale(y.row(to), y.row(to), 0, 0, y.columns)
        f32_add_column_sums(y.row(to), x.row(from.lowerBound), from.count, x.columns, x.columns)
        f32_scale(y.row(to), y.row(to), 1 / Float(from.count), 0, y.columns)
      case .first: f32_scale(y.row(to), x.row(from.lowerBound), 1, 0, y.columns)
      case .last: f32_scale(y.row(to), x.row(from.upperBound - 1), 1, 0, y.columns)
      }
    }
  }

  func backward(_ pass: Pass, _ gradients: Gradients) {
    guard let dx = gradients.inputs[0] else { return }
    let dy = gradients.output
    forEachExample(dx.rows.layout, dy.layout, pass.workers) { from, to in
      for row in from {
        let factor: Float =
          switch kind {
          case .mean: 1 / Float(from.count)
          case .first: row == from.lowerBound ? 1 : 0
          case .last: row == from.upperBound - 1 ? 1 : 0
          }
        f32_scale(dx.rows.row(row), dy.row(to), factor, dx.keep, dy.columns)
      }
    }
  }

  private func forEachExample(_ x: RowLayout, _ y: RowLayout, _ workers: Workers, _ body: (_ from: Range<Int>, _ to: Int) -> Void) {
    workers.share(x.examples) { _, part in
      for example in part where !x[example].isEmpty { body(x[example], y[example].lowerBound) }
    }
  }
}
