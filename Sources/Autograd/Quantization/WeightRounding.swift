import Glibc

/// Rows of weights as integers in [−127, 127] times a step for each row, with gradients for weights and steps. (Esser et al. 2020, LSQ)
struct WeightRounding {
  let rows: Int
  let columns: Int
  /// Groups of inputs whose sums fit 16 bits; nil where that is not asked for.
  let run: Int?

  private static let largest: Float = 127

  var count: Int { rows * columns }

  /// `steps` are logarithms.
  func round(_ weights: UnsafePointer<Float>, steps: UnsafePointer<Float>, into rounded: UnsafeMutablePointer<Float>, _ workers: Workers) {
    workers.share(rows) { _, part in
      var units = [Float](repeating: 0, count: columns)
      for row in part {
        let step = expf(steps[row])
        for column in 0..<columns { units[column] = weights[row * columns + column] / step }
        var budget = run.map { LaneBudget(run: $0) }
        for column in 0..<columns {
          let nearest = max(-Self.largest, min(Self.largest, units[column].rounded(.toNearestOrEven)))
          let integer = budget?.spend(units.span, at: column)
          rounded[row * columns + column] = step * (integer.map { Float($0) } ?? nearest)
        }
      }
    }
  }

  /// Adds what gradients of the rounded weights give to those of weights and steps. A weight beyond the largest integer gets none; a step
  /// gets those of its row as if they passed the rounding, by √(columns · 127).
  func addGradients(
    of rounded: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, rounded values: UnsafePointer<Float>, steps: UnsafePointer<Float>,
    to gradients: (weights: UnsafeMutablePointer<Float>, steps: UnsafeMutablePointer<Float>), _ workers: Workers
  ) {
    let factor = 1 / (Float(columns) * Self.largest).squareRoot()
    workers.share(rows) { _, part in
      for row in part {
        let limit = expf(steps[row]) * Self.largest
        var sum: Float = 0
        for place in row * columns..<(row + 1) * columns {
          let isInside = abs(weights[place]) <= limit
          if isInside { gradients.weights[place] += rounded[place] }
          sum += rounded[place] * (isInside ? values[place] - weights[place] : values[place])
        }
        gradients.steps[row] += sum * factor
      }
    }
  }
}
