import TestSupport
import Testing

/// The matrix product of every table: shapes around all tile sizes, extremes, parts.
@Suite struct MatrixProductTests {
  @Test(arguments: 1...33) func agreesOnAllSmallShapes(rows: Int) {
    var generator = SeededGenerator(seed: UInt64(rows))
    for outputs in 1...67 {
      let inputs = 1 + (rows * 7 + outputs * 3) % 19
      MatrixProduct(rows: rows, inputs: inputs, outputs: outputs, gelu: outputs % 2 == 0, generator: &generator)
        .check(rows: 0..<rows, columns: 0..<outputs, sides: [outputs % 3 == 0 ? .before : .after])
    }
  }

  @Test(arguments: Array(1...131) + [384, 513, 1023, 1536, 2049]) func agreesOnAllInputs(inputs: Int) {
    var generator = SeededGenerator(seed: UInt64(inputs))
    for (rows, outputs) in [(1, 16), (7, 33), (13, 50)] {
      MatrixProduct(rows: rows, inputs: inputs, outputs: outputs, gelu: inputs % 2 == 0, generator: &generator)
        .check(rows: 0..<rows, columns: 0..<outputs)
    }
  }

  @Test func computesOnlyTheAskedPart() {
    var generator = SeededGenerator(seed: 1)
    let product = MatrixProduct(rows: 21, inputs: 30, outputs: 100, gelu: false, generator: &generator)
    for rows in [0..<0, 0..<1, 3..<3, 5..<18, 20..<21] {
      for columns in [0..<16, 16..<48, 32..<100, 48..<49, 80..<93, 0..<0] { product.check(rows: rows, columns: columns) }
    }
  }

  @Test(arguments: [1, 5, 384, 1536, 4097]) func isExactAtTheExtremes(inputs: Int) {
    var generator = SeededGenerator(seed: 2)
    var product = MatrixProduct(rows: 14, inputs: inputs, outputs: 36, gelu: false, generator: &generator)
    for (index, code) in ([0, 255, 128, 127, 1, 254] as [UInt8]).enumerated() {
      product.rows[2 * index].codes = [UInt8](repeating: code, count: inputs)
      product.rows[2 * index].zero = index % 2 == 0 ? 255 : 0
    }
    product.rows[13].range = 1
    for output in 0..<24 { product.weights[output] = [Int8](repeating: output % 3 == 0 ? -127 : 127, count: inputs) }
    for limit in [1, 2047, 32767] {
      product.limit = limit
      product.multiplier = product.multiplier.map { $0 * Float(limit) / 1000 }
      product.check(rows: 0..<14, columns: 0..<36)
    }
  }

  @Test func roundsHalvesToEven() {
    var generator = SeededGenerator(seed: 3)
    var product = MatrixProduct(rows: 1, inputs: 1, outputs: 40, gelu: false, generator: &generator)
    product.rows[0] = QuantizedRow(codes: [1], range: 255, zero: 0)
    product.weights = (0..<40).map { [Int8($0 - 20)] }
    product.multiplier = [Float](repeating: 0.5, count: 40)
    product.bias = [Float](repeating: 0, count: 40)
    product.limit = 100
    #expect((17..<24).map { product.expected(row: 0, output: $0) } == [-2, -1, 0, 0, 0, 1, 2])
    product.check(rows: 0..<1, columns: 0..<40)
  }
}
