import CFloatKernels

/// How each column of some rows varies: what norms over channels rest on.
struct ColumnMoments {
  let means: [Double]
  /// 1 / √(variance + epsilon)
  let factors: [Double]
  let rows: Int

  /// Of rows in memory.
  init(_ x: UnsafePointer<Float>, rows: Int, width: Int, epsilon: Float) {
    var means = [Double](repeating: 0, count: width)
    f32_add_column_moments(&means, nil, x, rows, width)
    for column in 0..<width { means[column] /= Double(rows) }
    var squares = [Double](repeating: 0, count: width)
    f32_add_column_moments(&squares, means, x, rows, width)
    self.init(means: means, variances: squares.map { $0 / Double(rows) }, rows: rows, epsilon: epsilon)
  }

  init(means: [Double], variances: [Double], rows: Int, epsilon: Float) {
    self.means = means
    self.factors = variances.map { 1 / ($0 + Double(epsilon)).squareRoot() }
    self.rows = rows
  }

  /// As `store` left it.
  init(stored: UnsafePointer<Float>, rows: Int, width: Int) {
    means = (0..<width).map { Double(stored[$0]) }
    factors = (0..<width).map { Double(stored[width + $0]) }
    self.rows = rows
  }

  /// Leaves 2 · width floats.
  func store(in place: UnsafeMutablePointer<Float>) {
    for column in means.indices {
      place[column] = Float(means[column])
      place[means.count + column] = Float(factors[column])
    }
  }

  /// (x − mean) · factor · gain + shift as x · factor + offset.
  func line(gain: UnsafePointer<Float>, shift: UnsafePointer<Float>) -> (factor: [Float], offset: [Float]) {
    let factor = means.indices.map { Double(gain[$0]) * factors[$0] }
    return (factor.map(Float.init), means.indices.map { Float(Double(shift[$0]) - means[$0] * factor[$0]) })
  }

  /// Σ dy, then Σ dy · (x − mean) · factor, by column.
  func products(_ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, rows: Int) -> [Double] {
    let width = means.count
    var sums = [Double](repeating: 0, count: 2 * width)
    sums.withUnsafeMutableBufferPointer { sums in
      guard let start = sums.baseAddress else { return }
      f32_add_column_products(start, start + width, dy, x, rows, width)
    }
    center(&sums)
    return sums
  }

  /// From Σ dy, then Σ dy · x: the same with (x − mean) · factor for x.
  func center(_ sums: inout [Double]) {
    let width = means.count
    for column in 0..<width { sums[width + column] = (sums[width + column] - means[column] * sums[column]) * factors[column] }
  }

  /// dx = a · dy + b · x + c with the sums that `products` gives. `isOwn`: the moments are those of these rows and move with them.
  func slope(gain: UnsafePointer<Float>, _ products: [Double], isOwn: Bool = true) -> (a: [Float], b: [Float], c: [Float]) {
    let width = means.count
    let share = isOwn ? 1 / Double(rows) : 0
    var (a, b, c) = ([Float](), [Float](), [Float]())
    for column in 0..<width {
      let scale = Double(gain[column]) * factors[column]
      let tilt = scale * factors[column] * products[width + column] * share
      a.append(Float(scale))
      b.append(Float(-tilt))
      c.append(Float(tilt * means[column] - scale * products[column] * share))
    }
    return (a, b, c)
  }
}
