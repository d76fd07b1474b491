import Autograd
import Glibc
import ModelGraph
import Models
import Randomness
import Training

/// Examples of which some had one modality exchanged for that of another that looks alike; the fusion tells which. (Li et al. 2021, ALBEF)
struct MatchingTask {
  let weight: Float
  /// Samples of a batch that are taken: there are three examples for each.
  private static let most = 16

  /// True pairs, then those whose text was exchanged, then those whose image (or else sound) was.
  struct Batch {
    let samples: [PreparedSample]
    let targets: [Int32]
  }

  /// From a batch that has run forward, and its embeddings. Nil with fewer than two samples that have both.
  func batch(_ batch: TaskBatch, random: inout CounterRandom) -> Batch? {
    let modality: Modality = batch.tensors.embeddings[.image] != nil ? .image : .sound
    guard let pairs = batch.pairs(modality, .text, atMost: Self.most) else { return nil }
    let scale = min(expf(batch.scalar("\(modality.rawValue)-text.scale")), ContrastiveLoss.largestScale)
    let negatives = HardNegatives(pairs.a.rows, pairs.b.rows, scale: scale, random: &random)
    let samples = pairs.samples.map { batch.samples[$0] }
    var all = samples
    for (place, other) in negatives.ofA.enumerated() {
      var mixed = samples[place]
      mixed.tokens = samples[other].tokens
      all.append(mixed)
    }
    for (place, other) in negatives.ofB.enumerated() {
      var mixed = samples[place]
      if modality == .image { mixed.pixels = samples[other].pixels } else { mixed.samples = samples[other].samples }
      all.append(mixed)
    }
    return Batch(samples: all, targets: HardNegatives.targets(pairs: samples.count))
  }

  func callAsFunction(_ batch: TaskBatch, targets: [Int32]) -> TaskLoss {
    guard let id = batch.tensors.heads.matching, let rows = batch.tape[id], rows.rows == targets.count else { return TaskLoss(loss: 0) }
    return TaskLoss(loss: SoftmaxCrossEntropy()(rows, targets: targets, gradient: batch.tape.gradient(of: id), weight: weight))
  }
}
