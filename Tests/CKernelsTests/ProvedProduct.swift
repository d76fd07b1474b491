import CKernels
import TestSupport

/// Weights that keep the limit of runs, with the proof that they do.
extension MatrixProduct {
  /// Gives each block of outputs one of the runs, in turn, and shortens what its lanes cannot hold.
  mutating func prove(_ runs: [Int]) {
    proof = (0..<(outputs + 15) / 16).map { UInt8(runs[$0 % runs.count]) }
    for output in 0..<outputs where runs[output / 16 % runs.count] > 0 {
      weights[output] = shortened(weights[output], run: runs[output / 16 % runs.count])
    }
  }

  private func shortened(_ row: [Int8], run: Int) -> [Int8] {
    var left = Lanes(run)
    return row.enumerated().map { input, weight in left.take(weight, at: input) }
  }

  /// Fills every lane up to the limit, with the sign of each output: by its first weights, or evenly.
  mutating func fillLanes(run: Int, evenly: Bool) {
    for output in 0..<outputs {
      var left = Lanes(run)
      let size = evenly ? Int(KERNELS_LANE_LIMIT) / (2 * run) : 127
      let sign = output % 2 == 0 ? 1 : -1
      for input in 0..<inputs { weights[output][input] = left.take(Int8(clamping: sign * size), at: input) }
    }
    prove([run])
  }
}

/// What the lanes of the present run can still take.
private struct Lanes {
  private let width: Int
  private var positive = [0, 0]
  private var negative = [0, 0]

  init(_ run: Int) { width = 4 * run }

  mutating func take(_ weight: Int8, at input: Int) -> Int8 {
    if input % width == 0 {
      positive = [Int](repeating: Int(KERNELS_LANE_LIMIT), count: 2)
      negative = positive
    }
    let lane = input % 4 / 2
    let taken = weight < 0 ? -min(-Int(weight), negative[lane]) : min(Int(weight), positive[lane])
    if weight < 0 { negative[lane] += taken } else { positive[lane] -= taken }
    return Int8(taken)
  }
}
