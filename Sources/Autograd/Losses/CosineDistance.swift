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
        let cosine = add(values.row(row), start + row * width, width, to: gradient?.row(row), weight / Float(values.rows))
        return sum + (1 - cosine) / Double(values.rows)
      }
    }
  }

  /// The cosine. Adds −weight · its gradient, (t / ‖t‖ − x / ‖x‖ · cosine) / ‖x‖.
  private func add(
    _ x: UnsafePointer<Float>, _ target: UnsafePointer<Float>, _ width: Int, to gradient: UnsafeMutablePointer<Float>?, _ weight: Float
  ) -> Double {
    let lengths = (f32_dot(x, x, width).squareRoot(), f32_dot(target, target, width).squareRoot())
    guard lengths.0 > 0, lengths.1 > 0 else { return 0 }
    let cosine = f32_dot(x, target, width) / (lengths.0 * lengths.1)
    if let gradient {
      f32_scale(gradient, target, -weight / Float(lengths.0 * lengths.1), 1, width)
      f32_scale(gradient, x, weight * Float(cosine / (lengths.0 * lengths.0)), 1, width)
    }
    return cosine
  }
}
