import CKernels
import TestSupport
import Testing

/// Attention of every table: all short sequences, all head widths, sharp and flat scores.
@Suite struct AttentionTests {
  /// Inputs of one call: `heads` heads side by side.
  struct Sequence {
    var query, key, value: [Int16]
    let sequence, headWidth, heads: Int
    var scoreScale: Float

    init(_ sequence: Int, headWidth: Int, heads: Int, bound: Int16 = 2047, scoreScale: Float, generator: inout SeededGenerator) {
      let count = sequence * headWidth * heads
      (self.sequence, self.headWidth, self.heads, self.scoreScale) = (sequence, headWidth, heads, scoreScale)
      query = generator.integers(count, in: -bound...bound)
      key = generator.integers(count, in: -bound...bound)
      value = generator.integers(count, in: -2047...2047)
    }

    private func slices(_ tensor: [Int16], head: Int) -> [ArraySlice<Int16>] {
      (0..<sequence).map { row in
        let start = (row * heads + head) * headWidth
        return tensor[start..<start + headWidth]
      }
    }

    func expected(head: Int, rows: Range<Int>, limit: Int) -> [Int16] {
      var y = [Int16](repeating: 77, count: query.count)
      let queries = slices(query, head: head)
      let keys = slices(key, head: head)
      let values = slices(value, head: head)
      for row in rows {
        let result = attended(query: queries[row], keys: keys, values: values, scoreScale: scoreScale, rescale: 8, limit: limit)
        let start = (row * heads + head) * headWidth
        y.replaceSubrange(start..<start + headWidth, with: result)
      }
      return y
    }

    func check(head: Int, rows: Range<Int>, limit: Int = 32767, side: Side = .after) {
      let expected = expected(head: head, rows: rows, limit: limit)
      everywhere(sides: [side]) { table, memory in
        let y = memory.place(blank: query.count, as: Int16.self)
        let scratch = memory.place([UInt8](repeating: 0xAA, count: table.attention_scratch(sequence, headWidth)))
        var arguments = kernels_attention_arguments(
          query: memory.place(query).base, key: memory.place(key).base, value: memory.place(value).base, stride: heads * headWidth,
          y: y.base,
          y_stride: heads * headWidth, sequence: sequence, head_width: headWidth, score_scale: scoreScale, rescale: 8, limit: Int32(limit),
          past: Int(KERNELS_SEE_ALL))
        table.attention(&arguments, head, rows.lowerBound, rows.upperBound, scratch.base)
        #expect(y.values == expected, "\(table.label) sequence \(sequence), width \(headWidth), head \(head), rows \(rows)")
      }
    }
  }

  @Test(arguments: Array(1...70) + [129, 300]) func agreesOnEverySequence(sequence: Int) {
    var generator = SeededGenerator(seed: UInt64(sequence))
    for (headWidth, scale) in [(32, 1e-6), (2 + 2 * (sequence % 13), 1e-5)] as [(Int, Float)] {
      let inputs = Sequence(sequence, headWidth: headWidth, heads: 2, scoreScale: scale, generator: &generator)
      for side in Side.allCases { inputs.check(head: 1, rows: 0..<sequence, side: side) }
      inputs.check(head: 0, rows: 0..<sequence, side: .before)
    }
  }

  @Test(arguments: Array(stride(from: 2, through: 70, by: 2)) + [128, 254, 256]) func agreesOnEveryHeadWidth(headWidth: Int) {
    var generator = SeededGenerator(seed: UInt64(headWidth))
    for sequence in [1, 9, 19] {
      let inputs = Sequence(sequence, headWidth: headWidth, heads: 3, scoreScale: 3e-7, generator: &generator)
      for head in 0..<3 { inputs.check(head: head, rows: 0..<sequence, limit: 3000, side: head == 0 ? .before : .after) }
    }
  }

  @Test func computesOnlyTheAskedRows() {
    var generator = SeededGenerator(seed: 1)
    let inputs = Sequence(23, headWidth: 12, heads: 2, scoreScale: 2e-6, generator: &generator)
    for first in 0...23 {
      for last in first...23 { inputs.check(head: 1, rows: first..<last) }
    }
  }

  /// Equal scores: each key weighs 32767, and a long sequence has its weights scaled down.
  @Test(arguments: [1, 15, 16, 17, 33, 500, 3000, 65536]) func averagesEqualKeys(sequence: Int) {
    var generator = SeededGenerator(seed: 4)
    var inputs = Sequence(sequence, headWidth: 6, heads: 1, scoreScale: 1e-3, generator: &generator)
    inputs.key = [Int16](repeating: 5, count: inputs.key.count)
    inputs.check(head: 0, rows: 0..<min(sequence, 5))
    inputs.value = [Int16](repeating: -2047, count: inputs.value.count)
    inputs.check(head: 0, rows: 0..<min(sequence, 5), limit: 16000)
    #expect(inputs.expected(head: 0, rows: 0..<1, limit: 32767).prefix(6) == [-16376, -16376, -16376, -16376, -16376, -16376])
  }

  /// The largest scores of either sign, at the widest head: their difference still fits.
  @Test func isExactAtTheExtremes() {
    var generator = SeededGenerator(seed: 5)
    var inputs = Sequence(21, headWidth: 256, heads: 1, scoreScale: 1e-8, generator: &generator)
    inputs.query = [Int16](repeating: 2047, count: inputs.query.count)
    inputs.key = (0..<inputs.key.count).map { $0 / 256 % 2 == 0 ? 2047 : -2047 }
    for scale in [1e-12, 1e-8, 1] as [Float] {
      inputs.scoreScale = scale
      inputs.check(head: 0, rows: 0..<21)
    }
  }
}
