import CKernels
import TestSupport
import Testing

/// Rows to 8 bits and back, by every table.
@Suite struct RowTests {
  static let widths = Array(1...70) + [127, 128, 129, 384, 1001]

  @Test(arguments: widths) func quantizesLikeTheReference(width: Int) {
    var generator = SeededGenerator(seed: UInt64(width))
    for bound in [0, 1, 2, 130, 32767] as [Int16] {
      let rows = (0..<3).map { _ in generator.integers(width, in: -bound...bound) } + [generator.integers(width, in: 0...bound)]
      everywhere { table, memory in check(rows, table, memory) }
    }
  }

  @Test func quantizesEverySingleValueLikeTheReference() {
    let low = QuantizedRow(quantizing: [-32767])
    #expect(low.zero == 255 && low.codes == [0])
    for high in [0, 1, 254, 255, 32767] as [Int16] {
      for row in [Array(-255...high), Array(stride(from: -32767, through: high, by: 7)) + [high]] {
        everywhere { table, memory in check([row], table, memory) }
      }
    }
  }

  /// Quantises and dequantises rows that lie with gaps between them, which stay as they were.
  private func check(_ rows: [[Int16]], _ table: kernels_table, _ memory: GuardedMemory) {
    let width = rows[0].count
    let stride = (width + 3) / 4 * 4 + 4
    let gap = [Int16](repeating: 77, count: 3)
    let x = memory.place(Array(rows.map { $0 + gap }.joined().dropLast(3)))
    let codes = memory.place([UInt8](repeating: 0xEE, count: rows.count * stride - 4))
    let range = memory.place([UInt16](repeating: 0, count: rows.count))
    let zero = memory.place([UInt8](repeating: 0, count: rows.count))
    let quantized = kernels_rows(codes: codes.base, stride: stride, range: range.base, zero: zero.base)
    table.quantize_rows(x.base, width + 3, rows.count, width, quantized)
    let expected = rows.map(QuantizedRow.init(quantizing:))
    let lines = expected.map { padded($0.codes) + [0xEE, 0xEE, 0xEE, 0xEE] }
    #expect(codes.values == Array(lines.joined().dropLast(4)), "\(table.label)")
    #expect(range.values == expected.map(\.range), "\(table.label)")
    #expect(zero.values == expected.map(\.zero), "\(table.label)")
    let y = memory.place(blank: x.count, as: Int16.self)
    table.dequantize_rows(quantized, rows.count, width, y.base, width + 3)
    #expect(y.values == Array(expected.map { $0.dequantized + gap }.joined().dropLast(3)), "\(table.label)")
  }

  private func padded(_ codes: [UInt8]) -> [UInt8] {
    codes + [UInt8](repeating: 0, count: (4 - codes.count % 4) % 4)
  }
}
