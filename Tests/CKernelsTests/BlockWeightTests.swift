import CKernels
import TestSupport
import Testing

/// Weighing blocks by its definition, in every table.
@Suite struct BlockWeightTests {
  private static let groups = [1, 2, 7, 8, 9, 64, 65, 100, 130]
  private static let runs = [1, 2, 4, 8, 64]

  /// The sums of the outputs, and the heaviest lane or −1.
  private static func weigh(_ weights: [Int8], run: Int) -> (sums: [Int32], heaviest: Int32) {
    var sums = [Int32](repeating: 0, count: 16)
    var lanes: [Int: (positive: Int32, negative: Int32)] = [:]
    for (place, weight) in weights.enumerated() {
      let (group, lane) = (place / 64, place % 64 / 2)
      sums[lane / 2] += Int32(weight)
      var sum = lanes[group / run * 32 + lane] ?? (0, 0)
      if weight > 0 { sum.positive += Int32(weight) } else { sum.negative -= Int32(weight) }
      lanes[group / run * 32 + lane] = sum
    }
    return (sums, weights.contains(-128) ? -1 : lanes.values.map { max($0.positive, $0.negative) }.max() ?? 0)
  }

  private func expectAgreement(_ weights: [Int8], _ comment: String) {
    for run in Self.runs {
      let expected = Self.weigh(weights, run: run)
      everywhere { table, memory in
        let sums = memory.place(blank: 16, as: Int32.self)
        let heaviest = table.weigh_block(memory.place(weights).base, weights.count / 64, run, sums.base)
        #expect(heaviest == expected.heaviest, "\(table.label), \(comment), runs of \(run)")
        if heaviest >= 0 { #expect(sums.values == expected.sums, "\(table.label), \(comment), runs of \(run)") }
      }
    }
  }

  @Test(arguments: groups) func weightsByChanceAgree(groups: Int) {
    var generator = SeededGenerator(seed: UInt64(groups))
    for bound in [0, 1, 16, 127] as [Int8] { expectAgreement(generator.integers(groups * 64, in: -bound...bound), "up to \(bound)") }
  }

  @Test(arguments: [-127, 127] as [Int8]) func theLargestWeightsAgree(weight: Int8) {
    for groups in Self.groups { expectAgreement([Int8](repeating: weight, count: groups * 64), "all \(weight)") }
  }

  @Test func oneMinimumIsFoundWhereverItIs() {
    for place in 0..<128 {
      var weights = [Int8](repeating: 127, count: 128)
      weights[place] = -128
      expectAgreement(weights, "−128 at \(place)")
    }
    expectAgreement([Int8](repeating: -128, count: 64 * 70), "all −128")
  }
}
