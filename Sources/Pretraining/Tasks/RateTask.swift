import Autograd
import ModelGraph
import Training

/// What bottlenecks make takes few bits.
struct RateTask {
  let tensors: [TensorID]
  let weight: Float

  /// The mean over the bottlenecks that have rows.
  func callAsFunction(_ batch: TaskBatch) -> TaskLoss {
    let rows = tensors.compactMap { id in batch.tape[id].map { (rows: $0, gradient: batch.tape.gradient(of: id)) } }.filter {
      $0.rows.rows > 0
    }
    let share = 1 / Float(max(rows.count, 1))
    return TaskLoss(loss: rows.reduce(0) { $0 + Double(share) * CodeBits()($1.rows, gradient: $1.gradient, weight: weight * share) })
  }
}
