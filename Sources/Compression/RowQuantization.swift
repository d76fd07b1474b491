import Autograd
import BundleFormat

/// The int8 quantisation of a matrix, symmetric, one scale a row: real = scale · q, |q| ≤ 127.
struct RowQuantization {
  /// How much of the mean diagonal is added to a Gram matrix before it is inverted.
  private static let damping = 0.01

  /// The largest magnitude of each row becomes 127.
  let scales: [Float]

  init(_ matrix: Matrix) {
    self.scales = (0..<matrix.rows).map { row in max(Quantizer.leastScale, (matrix[row: row].map(abs).max() ?? 0) / 127) }
  }

  /// The matrix in these scales. With the Gram matrix of the inputs it meets, each element's rounding error is made good in the elements
  /// after it, as far as the inputs vary together; else each is rounded to nearest. (Frantar et al. 2023, GPTQ)
  func rounded(_ matrix: Matrix, inputs: Gram?) -> ParameterData {
    let factor = inputs?.inverseFactor(damping: Self.damping)
    var values: [Int8] = []
    values.reserveCapacity(matrix.values.count)
    for (row, scale) in scales.enumerated() {
      let weights = matrix[row: row]
      values += factor.map { compensated(Array(weights), scale: scale, factor: $0) } ?? weights.map { nearest($0, scale: scale) }
    }
    return .int8Rows(values: values, scales: scales)
  }

  private func nearest(_ value: Float, scale: Float) -> Int8 {
    Int8(max(-127, min(127, (value / scale).rounded(.toNearestOrEven))))
  }

  private func compensated(_ weights: [Float], scale: Float, factor: [Float]) -> [Int8] {
    let count = weights.count
    var rest = weights
    return (0..<count).map { column in
      let rounded = nearest(rest[column], scale: scale)
      let error = (rest[column] - Float(rounded) * scale) / factor[column * count + column]
      factor.withUnsafeBufferPointer { factor in
        rest.withUnsafeMutableBufferPointer { rest in
          for later in column + 1..<max(count, column + 1) { rest[later] -= error * factor[column * count + later] }
        }
      }
      return rounded
    }
  }
}
