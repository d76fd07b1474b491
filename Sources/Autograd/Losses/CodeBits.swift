import Glibc

/// About how many bits a code of a row takes when it is packed: log2(1 + |x| / s), mean over the values, where s is the step of the row's
/// 8-bit codes, (max(x, 0) − min(x, 0)) / 255. The whole row's scale changes nothing, so only rows with few large values cost little.
package struct CodeBits: Sendable {
  package init() {}

  /// Adds weight · gradient. Rows of zeros cost nothing.
  package func callAsFunction(_ values: Rows, gradient: Rows?, weight: Float = 1) -> Double {
    guard values.count > 0 else { return 0 }
    let share = weight / Float(values.count) * Float(M_LOG2E)
    return (0..<values.rows).reduce(0) { sum, row in
      let own = UnsafeBufferPointer(start: values.row(row), count: values.columns)
      return sum + bits(own, gradient.map { UnsafeMutableBufferPointer(start: $0.row(row), count: values.columns) }, share)
    } / Double(values.count)
  }

  private func bits(
    _ row: UnsafeBufferPointer<Float>, _ gradient: UnsafeMutableBufferPointer<Float>?, _ share: Float
  ) -> Double {
    var (low, high) = (0, 0)
    for (column, value) in row.enumerated() {
      if value < row[low] { low = column }
      if value > row[high] { high = column }
    }
    let step = (max(row[high], 0) - min(row[low], 0)) / 255
    guard step > 0 else { return 0 }
    if let gradient {
      var stepGradient: Float = 0
      for (column, value) in row.enumerated() {
        let size = abs(value)
        if value != 0 { gradient[column] += (value < 0 ? -share : share) / (step + size) }
        stepGradient -= share * size / (step * (step + size))
      }
      if row[high] > 0 { gradient[high] += stepGradient / 255 }
      if row[low] < 0 { gradient[low] -= stepGradient / 255 }
    }
    return row.reduce(0) { $0 + Double(log2f(1 + abs($1) / step)) }
  }
}
