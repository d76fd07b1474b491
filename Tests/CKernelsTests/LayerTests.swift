import CKernels
import TestSupport
import Testing

/// Operations on whole rows, of every table: layer norm, embedding, pooling, the unit vector.
@Suite struct LayerTests {
  static let widths = Array(1...70) + [127, 128, 129, 384]

  @Test(arguments: widths + [1537, 65536]) func layerNormAgrees(width: Int) {
    var generator = SeededGenerator(seed: UInt64(width))
    let gain = generator.floats(width, in: -3000...3000)
    let shift = generator.floats(width, in: -3000...3000)
    var rows = [1, 100, 32767].map { generator.integers(width, in: -$0...$0 as ClosedRange<Int16>) }
    rows += [[Int16](repeating: 0, count: width), [Int16](repeating: -32767, count: width)]
    rows.append((0..<width).map { $0 % 2 == 0 ? 32767 : -32767 })
    for limit in [32767, 2047, 1] { checkNorm(rows, gain, shift, limit: limit) }
  }

  private func checkNorm(_ rows: [[Int16]], _ gain: [Float], _ shift: [Float], limit: Int) {
    let width = gain.count
    let expected = rows.map { normalized($0, epsilon: 0.37, gain: gain, shift: shift, limit: limit) + [77, 77] }.joined().dropLast(2)
    everywhere { table, memory in
      let x = memory.place(Array(rows.map { $0 + [5] }.joined().dropLast(1)))
      let gains = memory.place(gain)
      let shifts = memory.place(shift)
      let y = memory.place(blank: rows.count * (width + 2) - 2, as: Int16.self)
      table.layer_norm(x.base, width + 1, rows.count, width, 0.37, gains.base, shifts.base, y.base, width + 2, Int32(limit))
      #expect(y.values == Array(expected), "\(table.label) \(width)")
    }
  }

  @Test(arguments: widths) func embeddingAgrees(width: Int) {
    var generator = SeededGenerator(seed: UInt64(width))
    let tokens = generator.integers(7 * width, in: -127...127 as ClosedRange<Int8>)
    let positions = generator.integers(5 * width, in: -127...127 as ClosedRange<Int8>)
    let tokenScale = generator.floats(7, in: 1e-4...1e-2)
    let positionScale = generator.floats(5, in: 1e-4...1e-2)
    let ids: [Int32] = [6, 0, 3, 3, 5]
    let inverse: Float = 12345.6
    var expected = [Int16](repeating: 77, count: 5 * width)
    for row in 1..<5 {
      let id = Int(ids[row])
      let t = tokenScale[id] * inverse
      let p = positionScale[row] * inverse
      for i in 0..<width {
        expected[row * width + i] = requantize(Float(tokens[id * width + i]) * t + Float(positions[row * width + i]) * p, limit: 9000)
      }
    }
    everywhere { table, memory in
      let y = memory.place(blank: 5 * width, as: Int16.self)
      var arguments = kernels_embedding_arguments(
        ids: memory.place(ids).base, tokens: memory.place(tokens).base, token_scale: memory.place(tokenScale).base,
        positions: memory.place(positions).base, position_scale: memory.place(positionScale).base, width: width, inverse_scale: inverse,
        y: y.base, limit: 9000)
      table.embedding(&arguments, 1, 5)
      #expect(y.values == expected, "\(table.label) \(width)")
    }
  }

  @Test(arguments: widths) func meanPoolAgrees(width: Int) {
    var generator = SeededGenerator(seed: UInt64(width))
    for m in [1, 2, 3, 40] {
      let rows = (0..<m).map { _ in generator.integers(width, in: -32767...32767 as ClosedRange<Int16>) }
      let scale = 1.25 / Float(m)
      let expected = (0..<width).map { i in requantize(Float(rows.reduce(0) { $0 + Int($1[i]) }) * scale, limit: 30000) }
      everywhere { table, memory in
        let x = memory.place(Array(rows.map { $0 + [9] }.joined().dropLast(1)))
        let y = memory.place(blank: width, as: Int16.self)
        table.mean_pool(x.base, width + 1, m, width, 1.25, y.base, 30000)
        #expect(y.values == expected, "\(table.label) \(m)×\(width)")
      }
    }
  }

  @Test func meanPoolSumsTheLongestSequenceExactly() {
    everywhere { table, memory in
      let x = memory.place([Int16](repeating: -32767, count: 65535 * 17))
      let y = memory.place(blank: 17, as: Int16.self)
      table.mean_pool(x.base, 17, 65535, 17, 0.5, y.base, 32767)
      let expected = requantize(Float(-32767 * 65535) * (0.5 / Float(65535)), limit: 32767)
      #expect(y.values == [Int16](repeating: expected, count: 17), "\(table.label)")
    }
  }

  @Test(arguments: widths) func unitVectorAgrees(width: Int) {
    var generator = SeededGenerator(seed: UInt64(width))
    for bound in [0, 1, 32767] as [Int16] {
      let x = generator.integers(width, in: -bound...bound)
      let squares = x.reduce(0) { $0 + Int($1) * Int($1) }
      let inverse = squares == 0 ? 0 : 1 / Double(squares).squareRoot()
      everywhere { table, memory in
        let source = memory.place(x)
        let y = memory.place([Float](repeating: 77, count: width))
        table.l2_normalize(source.base, width, y.base)
        #expect(y.values == x.map { Float(Double($0) * inverse) }, "\(table.label)")
      }
    }
  }
}
