import CKernels
import TestSupport
import Testing

/// A matrix product with its expected result, run by any table.
struct MatrixProduct {
  var rows: [QuantizedRow]
  var weights: [[Int8]]
  var multiplier: [Float]
  var bias: [Float]
  var gelu: Bool
  var rescale: Float
  var limit: Int
  /// The proved run of each block of 16 outputs, if there are proofs.
  var proof: [UInt8]?

  init(rows m: Int, inputs: Int, outputs: Int, gelu: Bool, generator: inout SeededGenerator) {
    rows = (0..<m).map { _ in
      QuantizedRow(
        codes: generator.integers(inputs, in: 0...255), range: UInt16.random(in: 1...65534, using: &generator),
        zero: UInt8.random(in: 0...255, using: &generator))
    }
    weights = (0..<outputs).map { _ in generator.integers(inputs, in: -127...127) }
    let spread = 30 / (Float(inputs).squareRoot() * 128 * 100)
    multiplier = generator.floats(outputs, in: spread / 8...spread)
    bias = generator.floats(outputs, in: -4...4)
    self.gelu = gelu
    rescale = gelu ? Float.random(in: 100...2000, using: &generator) : 1
    limit = Int.random(in: 1...32767, using: &generator)
  }

  var inputs: Int { rows.first?.codes.count ?? 0 }
  var outputs: Int { weights.count }

  func expected(row: Int, output: Int) -> Int16 {
    let zero = Int(rows[row].zero)
    let total = zip(rows[row].codes, weights[output]).reduce(0) { $0 + (Int($1.0) - zero) * Int($1.1) }
    let v = Float(total) * rows[row].step * multiplier[output] + bias[output]
    return requantize(gelu ? CKernelsTests.gelu(v) * rescale : v, limit: limit)
  }

  var sums: [Int32] { weights.map { $0.reduce(0) { $0 + Int32($1) } } }

  var blocked: [Int8] {
    var blocked = [Int8](repeating: 0, count: kernels_blocked_size(outputs, inputs))
    let groups = (inputs + 3) / 4
    for (n, row) in weights.enumerated() {
      for (k, weight) in row.enumerated() { blocked[((n / 16 * groups + k / 4) * 16 + n % 16) * 4 + k % 4] = weight }
    }
    return blocked
  }

  /// Runs part of the product by every table, between guard pages, and requires the reference's bits there and nothing elsewhere.
  func check(rows part: Range<Int>, columns: Range<Int>, sides: [Side] = Side.allCases) {
    let stride = outputs + 3
    var expected = [Int16](repeating: 77, count: max(0, rows.count * stride - 3))
    for row in part {
      for output in columns { expected[row * stride + output] = self.expected(row: row, output: output) }
    }
    everywhere(sides: sides) { table, memory in
      let y = memory.place([Int16](repeating: 77, count: expected.count))
      var arguments = self.arguments(memory, y: y.base, stride: stride)
      table.gemm(&arguments, part.lowerBound, part.upperBound, columns.lowerBound, columns.upperBound)
      #expect(y.values == expected, "\(table.label) \(rows.count)×\(inputs)×\(outputs), rows \(part), columns \(columns)")
    }
  }

  private func arguments(_ memory: GuardedMemory, y: UnsafeMutablePointer<Int16>, stride: Int) -> kernels_gemm_arguments {
    let padding = [UInt8](repeating: 0, count: (4 - inputs % 4) % 4)
    let quantized = kernels_rows(
      codes: memory.place(Array(rows.map { $0.codes + padding }.joined())).base, stride: inputs + padding.count,
      range: memory.place(rows.map(\.range)).base, zero: memory.place(rows.map(\.zero)).base)
    return kernels_gemm_arguments(
      rows: quantized, weights: memory.place(blocked).base, sums: memory.place(sums).base, multiplier: memory.place(multiplier).base,
      bias: memory.place(bias).base, y: y, y_stride: stride, inputs: inputs, outputs: outputs, limit: Int32(limit),
      activation: gelu ? KERNELS_GELU : KERNELS_IDENTITY, rescale: rescale,
      proof: proof.map { UnsafePointer(memory.place($0).base) })
  }
}
