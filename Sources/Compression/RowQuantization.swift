import Autograd
import BundleFormat

/// The int8 quantisation of a matrix, symmetric, one scale a row: real = scale · q, |q| ≤ 127.
struct RowQuantization {
  private let matrix: Matrix

  init(_ matrix: Matrix) { self.matrix = matrix }

  /// Each element rounded to nearest; the largest magnitude of each row becomes 127, unless all elements of the row are integers times
  /// a larger scale.
  func nearest() -> ParameterData {
    let scales = (0..<matrix.rows).map { exactScale(ofRow: $0) ?? leastScale(ofRow: $0) }
    let values = scales.indices.flatMap { row in
      matrix[row: row].map { Int8(max(-127, min(127, ($0 / scales[row]).rounded(.toNearestOrEven)))) }
    }
    return .int8Rows(values: values, scales: scales)
  }

  /// Rounded so that in every run of `run` groups the lanes keep their limit. With the Gram matrix of the inputs that the matrix meets,
  /// each element's error is made good in the elements after it, as far as the inputs vary together. (Frantar et al. 2023, GPTQ) A row
  /// that training has rounded so already stays as it is.
  func bounded(run: Int, inputs: Gram?) -> ParameterData {
    let compensation = Compensation(run: run, factor: inputs?.inverseFactor(damping: Compensation.damping))
    let rows = (0..<matrix.rows).map { row in
      exact(row, run: run) ?? best(Array(matrix[row: row]), leastScale: leastScale(ofRow: row), compensation)
    }
    return .int8Rows(values: rows.flatMap { $0.values }, scales: rows.map { $0.scale })
  }

  private func leastScale(ofRow row: Int) -> Float {
    max(Quantizer.leastScale, (matrix[row: row].map(abs).max() ?? 0) / 127)
  }

  /// The row where it is integers whose lanes keep their limit, times a scale.
  private func exact(_ row: Int, run: Int) -> CompensatedRow? {
    guard let scale = exactScale(ofRow: row) else { return nil }
    let values = matrix[row: row].map { ($0 / scale).rounded(.toNearestOrEven) }
    guard LaneBudget.largestSum(values.span, run: run) <= Float(Layout.laneLimit) else { return nil }
    return CompensatedRow(values: values.map { Int8($0) }, scale: scale, loss: 0)
  }

  /// The largest scale of which all elements are integer multiples up to 127, but for what float32 loses; nil for zeros, and where there is
  /// none.
  private func exactScale(ofRow row: Int) -> Float? {
    let values = matrix[row: row]
    let largest = values.reduce(0) { max($0, abs($1)) }
    guard largest > 127 * Quantizer.leastScale else { return nil }
    return (1...127).lazy.map { largest / Float($0) }.first { scale in
      values.allSatisfy { abs($0 / scale - ($0 / scale).rounded(.toNearestOrEven)) < Self.noise }
    }
  }

  /// How far from an integer a multiple of a scale may be: more than two float32 roundings of up to 127.
  private static let noise: Float = 1e-4

  /// How much finer a scale is tried after each that was better than the one before.
  private static let refinement: Float = 1.12

  /// From the scale at which every lane fits as it is, finer ones as long as they lose less: what lanes cannot hold costs accuracy, and so
  /// do coarse steps.
  private func best(_ weights: [Float], leastScale: Float, _ compensation: Compensation) -> CompensatedRow {
    let largest = LaneBudget.largestSum(weights.span, run: compensation.run)
    var scale = max(leastScale, largest / Float(Layout.laneLimit))
    var best = CompensatedRow(values: weights.map { _ in 0 }, scale: scale, loss: .infinity)
    while let row = compensation.rounded(weights, scale: scale, below: best.loss) {
      best = row
      if scale == leastScale { break }
      scale = max(leastScale, scale / Self.refinement)
    }
    return best
  }
}
