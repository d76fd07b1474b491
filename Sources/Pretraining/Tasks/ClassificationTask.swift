import Autograd
import ModelGraph
import Training

/// The concept's logit is the largest of those of a fusion.
struct ClassificationTask {
  let logits: TensorID
  let weight: Float
  /// The part of the target that is spread over all concepts. (Szegedy et al. 2015)
  static let smoothing: Float = 0.1

  func callAsFunction(_ batch: TaskBatch) -> TaskLoss {
    guard let rows = batch.tape[logits] else { return TaskLoss(loss: 0) }
    let targets = batch.samples.indices.filter { !rows.layout[$0].isEmpty }.map { Int32(batch.samples[$0].concept) }
    let loss = SoftmaxCrossEntropy(smoothing: Self.smoothing)(
      rows, targets: targets, gradient: batch.tape.gradient(of: logits), weight: weight)
    return TaskLoss(loss: loss)
  }
}
