import BundleFormat

/// What the lanes of the present run may still take of either sign, as a row is rounded from its first input to its last.
package struct LaneBudget {
  private let width: Int
  private var positive: [Int] = []
  private var negative: [Int] = []

  private static let lanes = Layout.blockDepth / Layout.laneInputs

  /// How many groups a run has where nothing else is asked for.
  package static let run = 2

  /// Runs of so many groups.
  package init(run: Int) { width = run * Layout.blockDepth }

  /// The int8 for the value at `column`, in units of the scale, as near as the lane allows. Where it cannot take all that is still to come,
  /// the values share the loss: each gives up the same amount. (Colbert et al. 2024, AXE)
  package mutating func spend(_ values: Span<Float>, at column: Int) -> Int8 {
    if column % width == 0 {
      positive = Array(repeating: Layout.laneLimit, count: Self.lanes)
      negative = positive
    }
    let lane = column % Layout.blockDepth / Layout.laneInputs
    let isNegative = values[column] < 0
    let budget = isNegative ? negative[lane] : positive[lane]
    let excess = Self.excess(values, from: column, to: min(values.count, (column / width + 1) * width), budget: Float(budget))
    let magnitude = min(127, budget, Int(max(0, values[column].magnitude - excess).rounded(.toNearestOrEven)))
    if isNegative { negative[lane] -= magnitude } else { positive[lane] -= magnitude }
    return Int8(isNegative ? -magnitude : magnitude)
  }

  /// The least e ≥ 0 so that Σ max(0, |v| − e) ≤ budget, over the values of `column`'s lane and sign from it on. (Michelot 1986)
  private static func excess(_ values: Span<Float>, from column: Int, to end: Int, budget: Float) -> Float {
    let sign: Float = values[column] < 0 ? -1 : 1
    var excess: Float = 0
    while true {
      var sum: Float = 0
      var count: Float = 0
      for other in column..<end where Self.isSameLane(other, column) && sign * values[other] > excess {
        sum += sign * values[other]
        count += 1
      }
      guard count > 0, (sum - budget) / count > excess else { return excess }
      excess = (sum - budget) / count
    }
  }

  private static func isSameLane(_ a: Int, _ b: Int) -> Bool {
    a % Layout.blockDepth / Layout.laneInputs == b % Layout.blockDepth / Layout.laneInputs
  }

  /// The largest sum of a lane's values of one sign, over all runs.
  package static func largestSum(_ values: Span<Float>, run: Int) -> Float {
    var largest: Float = 0
    var sums: [Float] = []
    for column in values.indices {
      if column % (run * Layout.blockDepth) == 0 { sums = Array(repeating: 0, count: 2 * lanes) }
      let place = 2 * (column % Layout.blockDepth / Layout.laneInputs) + (values[column] < 0 ? 1 : 0)
      sums[place] += values[column].magnitude
      largest = max(largest, sums[place])
    }
    return largest
  }
}
