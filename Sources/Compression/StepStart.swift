package import Autograd
import BundleFormat
import Glibc

extension Program {
  /// Lets the steps of rounded weights begin with those that the quantiser would give the weights.
  package func startSteps(of parameters: ParameterMemory) {
    for own in quantized {
      let entry = layout.entries[own.weight]
      let rows = entry.sizes[0]
      let matrix = Matrix(rows: rows, columns: entry.range.count / rows, values: Array(parameters[own.weight]))
      let rounding = RowQuantization(matrix)
      guard case .int8Rows(_, let scales) = own.run.map({ rounding.bounded(run: $0, inputs: nil) }) ?? rounding.nearest() else { continue }
      for (row, scale) in scales.enumerated() { parameters[own.step][row] = logf(scale) }
    }
  }
}
