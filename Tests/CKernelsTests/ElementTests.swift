import CKernels
import TestSupport
import Testing

/// Elementwise operations of every table, on all lengths around the vector widths.
@Suite struct ElementTests {
  static let counts = Array(0...70) + [255, 1000]

  @Test(arguments: counts) func geluAgrees(count: Int) {
    var generator = SeededGenerator(seed: UInt64(count))
    let x = generator.integers(count, in: -32767...32767 as ClosedRange<Int16>)
    for (multiplier, rescale, limit) in [(2e-4, 5000, 32767), (1e-3, 3, 7), (1, 1, 32767), (1e-5, 1e6, 2047)] as [(Float, Float, Int)] {
      run(x) {
        $0.activate($1, $2, count, multiplier, KERNELS_GELU, rescale, Int32(limit))
      } expecting: {
        requantize(gelu(Float($0) * multiplier) * rescale, limit: limit)
      }
    }
  }

  @Test func geluAgreesOnAllValues() {
    for multiplier in [1.5e-4, 1e-3] as [Float] {
      run(Array(-32767...32767)) {
        $0.activate($1, $2, 65535, multiplier, KERNELS_GELU, 6000, 32767)
      } expecting: {
        requantize(gelu(Float($0) * multiplier) * 6000, limit: 32767)
      }
    }
  }

  @Test(arguments: counts) func addAgrees(count: Int) {
    var generator = SeededGenerator(seed: UInt64(count))
    let a = generator.integers(count, in: -32767...32767 as ClosedRange<Int16>)
    let b = generator.integers(count, in: -32767...32767 as ClosedRange<Int16>)
    for (aMultiplier, bMultiplier, limit) in [(0.7, 0.4, 32767), (1, 1, 32767), (0.5, 0.5, 100), (3, -2, 1)] as [(Float, Float, Int)] {
      let expected = zip(a, b).map { requantize(Float($0) * aMultiplier + Float($1) * bMultiplier, limit: limit) }
      everywhere { table, memory in
        let left = memory.place(a)
        let right = memory.place(b)
        let y = memory.place(blank: count, as: Int16.self)
        table.add(left.base, aMultiplier, right.base, bMultiplier, y.base, count, KERNELS_IDENTITY, 1, Int32(limit))
        #expect(y.values == expected, "\(table.label)")
        table.add(left.base, aMultiplier, right.base, bMultiplier, right.base, count, KERNELS_IDENTITY, 1, Int32(limit))
        #expect(right.values == expected, "\(table.label) in place")
      }
    }
  }

  private func run(
    _ x: [Int16], _ kernel: (kernels_table, UnsafePointer<Int16>, UnsafeMutablePointer<Int16>) -> Void, expecting formula: (Int16) -> Int16
  ) {
    let expected = x.map(formula)
    everywhere { table, memory in
      let source = memory.place(x)
      let y = memory.place(blank: x.count, as: Int16.self)
      kernel(table, source.base, y.base)
      #expect(y.values == expected, "\(table.label)")
    }
  }
}
