import Autograd

/// A row of a matrix in int8.
struct CompensatedRow {
  let values: [Int8]
  let scale: Float
  /// The mean square of what the row's products lose on the inputs of the calibration, but for a factor.
  let loss: Float
}

/// Rounds rows one element after the other.
struct Compensation {
  /// How much of the mean diagonal is added to a Gram matrix before it is inverted: errors are large where lanes are full, and less must
  /// not be made good in ways that only the calibration's texts know.
  static let damping = 0.1

  /// The length of the runs whose lanes keep their limit.
  let run: Int
  /// `Gram.inverseFactor`; without one, errors are not made good.
  let factor: [Float]?

  /// The row at a scale; nil as soon as it loses `limit` or more.
  func rounded(_ weights: [Float], scale: Float, below limit: Float) -> CompensatedRow? {
    var rest = weights.map { $0 / scale }
    var values: [Int8] = []
    values.reserveCapacity(rest.count)
    var budget = LaneBudget(run: run)
    var loss: Float = 0
    for column in rest.indices {
      values.append(budget.spend(rest.span, at: column))
      let error = (rest[column] - Float(values[column])) / (factor?[column * rest.count + column] ?? 1)
      loss += error * error * scale * scale
      guard loss < limit else { return nil }
      makeGood(error, of: column, in: &rest)
    }
    return CompensatedRow(values: values, scale: scale, loss: loss)
  }

  /// Takes an error out of the elements after the column's.
  private func makeGood(_ error: Float, of column: Int, in rest: inout [Float]) {
    guard let factor else { return }
    let start = column * rest.count
    factor.withUnsafeBufferPointer { factor in
      rest.withUnsafeMutableBufferPointer { rest in
        for later in column + 1..<max(rest.count, column + 1) { rest[later] -= error * factor[start + later] }
      }
    }
  }
}
