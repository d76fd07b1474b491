import CFloatKernels

/// 1 − the cosine between rows and their targets, mean over the rows.
package struct CosineDistance: Sendable {
  package init() {}

  /// Targets are row-major; a row of zeros on either side has cosine 0 and no gradient. Adds weight · gradient.
  package func callAsFunction(_ values: Rows, targets: [Float], gradient: Rows?, weight: Float = 1) -> Double {
    precondition(targets.count == values.count, "\(targets.count) targets for \(values.count) values")
    guard values.rows > 0 else { return 0 }
    let width = values.columns
    return targets.withUnsafeBufferPointer { targets in
      guard let start = targets.baseAddress else { return 0 }
      return (0..<values.rows).reduce(0) { sum, row in
        let x = values.row(row)
        let cosine = Self.cosine(x, start + row * width, width)
        Self.add(cosine, of: x, start + row * width, width, to: gradient?.row(row), weight / Float(values.rows))
        return sum + (1 - cosine) / Double(values.rows)
      }
    }
  }

  /// Between two rows; 0 where one of them is zeros.
  static func cosine(_ x: UnsafePointer<Float>, _ target: UnsafePointer<Float>, _ width: Int) -> Double {
    let squares = f32_dot(x, x, width) * f32_dot(target, target, width)
    return squares > 0 ? f32_dot(x, target, width) / squares.squareRoot() : 0
  }

  /// Adds −weight · the gradient of a cosine by x, (t / ‖t‖ − x / ‖x‖ · cosine) / ‖x‖; nothing where a row is zeros.
  static func add(
    _ cosine: Double, of x: UnsafePointer<Float>, _ target: UnsafePointer<Float>, _ width: Int,
    to gradient: UnsafeMutablePointer<Float>?, _ weight: Float
  ) {
    let squares = (f32_dot(x, x, width), f32_dot(target, target, width))
    guard let gradient, squares.0 > 0, squares.1 > 0 else { return }
    f32_scale(gradient, target, -weight / Float((squares.0 * squares.1).squareRoot()), 1, width)
    f32_scale(gradient, x, weight * Float(cosine / squares.0), 1, width)
  }
}
