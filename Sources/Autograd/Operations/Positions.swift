import CFloatKernels

/// The first rows of a table before the rows, and one of its others added to each. Parameter: table.
struct Positions: TapeOperation {
  let prefix: Int

  private static let grain = 16

  var backwardReads: BackwardReads { [] }

  func layout(_ inputs: [RowLayout]) -> RowLayout? { inputs[0].map { $0 > 0 ? $0 + prefix : 0 } }

  func forward(_ pass: Pass) {
    let (x, y, table) = (pass.inputs[0], pass.output, pass.parameters[0])
    pass.workers.share(x.layout.examples) { _, part in
      for example in part where !x.layout[example].isEmpty {
        let (from, to) = (x.layout[example], y.layout[example].lowerBound)
        f32_scale(y.row(to), table, 1, 0, prefix * x.columns)
        f32_add(y.row(to + prefix), x.row(from.lowerBound), table + prefix * x.columns, from.count * x.columns)
      }
    }
  }

  /// Threads share the columns of the table, since all examples add to it.
  func backward(_ pass: Pass, _ gradients: Gradients) {
    let (x, dy) = (pass.inputs[0], gradients.output)
    if let dx = gradients.inputs[0] {
      pass.workers.share(x.layout.examples) { _, part in
        for example in part where !x.layout[example].isEmpty {
          let (from, to) = (x.layout[example], dy.layout[example].lowerBound)
          f32_scale(dx.rows.row(from.lowerBound), dy.row(to + prefix), 1, dx.keep, from.count * x.columns)
        }
      }
    }
    guard let table = gradients.parameters[0] else { return }
    pass.workers.share(x.columns, grain: Self.grain) { _, part in
      for example in 0..<dy.layout.examples {
        for (position, row) in dy.layout[example].enumerated() {
          f32_scale(table + position * x.columns + part.lowerBound, dy.row(row) + part.lowerBound, 1, 1, part.count)
        }
      }
    }
  }
}
