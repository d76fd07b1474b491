import Autograd
import ModelGraph
import Models
import Training

/// Each token of a caption is told from those before it, and from image and sound. (Li et al. 2022)
struct CaptionTask {
  let weight: Float

  func callAsFunction(_ batch: TaskBatch) -> TaskLoss {
    let table = batch.table(PretrainingTensors.captionTable)
    guard let id = batch.tensors.heads.caption, let rows = batch.tape[id], let values = table.values else { return TaskLoss(loss: 0) }
    var targets = [Int32](repeating: -100, count: rows.rows)
    for (place, sample) in batch.samples.enumerated() where !rows.layout[place].isEmpty {
      for (token, row) in zip((sample.tokens ?? []).dropFirst(), rows.layout[place]) { targets[row] = token }
    }
    let entropy = VocabularyCrossEntropy(table: values, tableGradient: table.gradient, vocabulary: table.rows)
    return TaskLoss(
      loss: entropy(rows, targets: targets, gradient: batch.tape.gradient(of: id), weight: weight, workers: batch.workers))
  }
}
