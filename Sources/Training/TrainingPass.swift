package import Autograd

/// A batch that runs forward and back in a step.
package struct TrainingPass {
  /// Asked for when the passes before have run.
  package let examples: () -> [Example]
  /// Called after the forward: gives the outputs' gradients.
  package let loss: (Tape) -> BatchLoss

  package init(examples: @escaping () -> [Example], loss: @escaping (Tape) -> BatchLoss) {
    self.examples = examples
    self.loss = loss
  }
}
