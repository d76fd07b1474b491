import TestSupport
import Testing

/// The matrix product of every table with proofs that its sums fit 16 bits.
@Suite struct ProvedProductTests {
  static let runs = [1, 2, 4, 8]

  @Test(arguments: Array(1...70) + [384, 513, 1023, 2049]) func agreesOnAllInputs(inputs: Int) {
    var generator = SeededGenerator(seed: UInt64(inputs))
    for (rows, outputs) in [(1, 16), (2, 5), (7, 33)] {
      for run in Self.runs {
        var product = MatrixProduct(rows: rows, inputs: inputs, outputs: outputs, gelu: inputs % 2 == 0, generator: &generator)
        product.prove([run])
        product.check(rows: 0..<rows, columns: 0..<outputs, sides: [run % 3 == 1 ? .before : .after])
      }
    }
  }

  /// Blocks without a proof have weights that no sum of 16 bits holds.
  @Test(arguments: [[0, 1], [4, 0, 0], [0, 0, 2, 8], [8, 4, 2, 1, 0]]) func everyBlockHasARunOfItsOwn(runs: [Int]) {
    var generator = SeededGenerator(seed: UInt64(runs.count))
    var product = MatrixProduct(rows: 67, inputs: 50, outputs: 150, gelu: false, generator: &generator)
    for row in [0, 40, 66] { product.rows[row].codes = [UInt8](repeating: 255, count: 50) }
    for output in 0..<150 { product.weights[output] = [Int8](repeating: output % 2 == 0 ? 127 : -127, count: 50) }
    product.prove(runs)
    product.check(rows: 0..<67, columns: 0..<150)
    for columns in [16..<48, 48..<49, 80..<150, 32..<32] { product.check(rows: 3..<66, columns: columns) }
  }

  /// Every lane at its limit meets the largest code, and the smallest.
  @Test(arguments: runs, [false, true]) func isExactAtTheLimit(run: Int, evenly: Bool) {
    var generator = SeededGenerator(seed: UInt64(run))
    for inputs in [4 * run, 8 * run + 3, 384] {
      var product = MatrixProduct(rows: 9, inputs: inputs, outputs: 34, gelu: false, generator: &generator)
      for (row, code) in ([255, 0, 254, 128, 1, 255] as [UInt8]).enumerated() {
        product.rows[row].codes = [UInt8](repeating: code, count: inputs)
      }
      product.fillLanes(run: run, evenly: evenly)
      product.check(rows: 0..<9, columns: 0..<34)
    }
  }

  /// Positive and negative weights at the limit in the same lane: codes that pick one sign only.
  @Test(arguments: runs) func isExactWhereOneSignIsPicked(run: Int) {
    var generator = SeededGenerator(seed: UInt64(run))
    let inputs = 16 * run
    var product = MatrixProduct(rows: 4, inputs: inputs, outputs: 32, gelu: false, generator: &generator)
    for output in 0..<32 { product.weights[output] = (0..<inputs).map { ($0 + output) % 2 == 0 ? 127 : -127 } }
    for row in 0..<4 { product.rows[row].codes = (0..<inputs).map { $0 % 2 == row % 2 ? 255 : row < 2 ? 0 : 255 } }
    product.prove([run])
    product.check(rows: 0..<4, columns: 0..<32)
  }
}
