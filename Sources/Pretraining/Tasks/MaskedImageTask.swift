import Autograd
import ModelGraph
import Models
import Randomness
import Training

/// Patches that were made grey are drawn from the others. (Xie et al. 2021, SimMIM; targets: He et al. 2021, MAE)
struct MaskedImageTask {
  let weight: Float
  let share: Float
  /// Pixels of an edge of the picture and of a patch.
  let size: Int
  let patch: Int

  struct Target {
    /// Each patch's pixels, row by row.
    var patches: [Float] = []
    var isRemoved: [Bool] = []
  }

  /// Makes patches grey, which is 0. Returns what they were.
  func cover(_ sample: inout PreparedSample, random: inout CounterRandom) -> Target {
    guard var pixels = sample.pixels else { return Target() }
    let across = size / patch
    var target = Target()
    target.patches.reserveCapacity(pixels.count)
    target.isRemoved = Self.choose(across * across, share: share, &random)
    for place in 0..<across * across {
      for row in 0..<patch {
        let start = 3 * ((place / across * patch + row) * size + place % across * patch)
        target.patches += pixels[start..<start + 3 * patch]
        if target.isRemoved[place] { for index in start..<start + 3 * patch { pixels[index] = 0 } }
      }
    }
    sample.pixels = pixels
    return target
  }

  /// That share of places, at random.
  private static func choose(_ count: Int, share: Float, _ random: inout CounterRandom) -> [Bool] {
    var chosen = [Bool](repeating: false, count: count)
    for place in (0..<count).shuffled(using: &random).prefix(Int((share * Float(count)).rounded())) { chosen[place] = true }
    return chosen
  }

  func callAsFunction(_ batch: TaskBatch, targets: [Target]) -> TaskLoss {
    guard let id = batch.tensors.heads.patches, let rows = batch.tape[id] else { return TaskLoss(loss: 0) }
    let loss = MaskedPatchLoss()(
      rows, targets: targets.flatMap(\.patches), isRemoved: targets.flatMap(\.isRemoved), gradient: batch.tape.gradient(of: id),
      weight: weight)
    return TaskLoss(loss: loss)
  }
}
