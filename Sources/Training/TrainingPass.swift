package import Autograd
package import ModelGraph

/// A batch that runs forward and back in a step.
package struct TrainingPass {
  /// Asked for when the passes before have run.
  package let examples: () -> [Example]
  /// Called after the forward: gives the outputs' gradients.
  package let loss: (Tape) -> BatchLoss

  /// As the tape's.
  package let keptColumns: [TensorID: Int]

  package init(
    examples: @escaping () -> [Example], keptColumns: [TensorID: Int] = [:], loss: @escaping (Tape) -> BatchLoss
  ) {
    self.examples = examples
    self.keptColumns = keptColumns
    self.loss = loss
  }
}
