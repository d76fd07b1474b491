import Autograd
import ModelGraph
import Models
import Randomness
import Training

/// Tokens that were covered are told from all that is left. (Devlin et al. 2018)
struct MaskedTextTask {
  let weight: Float
  let share: Float
  /// What covers a token, and how many there are.
  let mask: Int32
  let vocabulary: Int

  /// Covers tokens: 8 of 10 become the mask, 1 another token, 1 stays. The first and the last, which frame a text, are never chosen.
  /// Returns what is to be told: the token where one was chosen, else −100.
  func cover(_ sample: inout PreparedSample, random: inout CounterRandom) -> [Int32] {
    guard var tokens = sample.tokens else { return [] }
    var targets = [Int32](repeating: -100, count: tokens.count)
    for place in tokens.indices.dropFirst().dropLast() where random.uniform() < share {
      targets[place] = tokens[place]
      let chance = random.uniform()
      if chance < 0.8 { tokens[place] = mask } else if chance < 0.9 { tokens[place] = Int32(random.next() % UInt64(vocabulary)) }
    }
    sample.tokens = tokens
    return targets
  }

  /// `targets` of each sample's tokens, which are the last of its fused rows.
  func callAsFunction(_ batch: TaskBatch, targets: [[Int32]]) -> TaskLoss {
    let table = batch.table(PretrainingTensors.tokenTable)
    guard let id = batch.tensors.heads.tokens, let rows = batch.tape[id], let values = table.values else { return TaskLoss(loss: 0) }
    var all = [Int32](repeating: -100, count: rows.rows)
    for (sample, own) in targets.enumerated() {
      let end = rows.layout[sample].upperBound
      for (place, target) in own.enumerated() { all[end - own.count + place] = target }
    }
    let entropy = VocabularyCrossEntropy(table: values, tableGradient: table.gradient, vocabulary: table.rows)
    return TaskLoss(
      loss: entropy(rows, targets: all, gradient: batch.tape.gradient(of: id), weight: weight, workers: batch.workers))
  }
}
