import Evaluation

/// Why a training cannot go on: its numbers have left the range in which they mean something.
package struct Divergence: Hashable, Sendable {
  package enum Cause: Hashable, Sendable {
    /// The loss is infinite or not a number.
    case loss
    /// The gradient of a parameter is infinite or not a number.
    case gradient(parameter: String)
    /// The gradient is that long, while this is usual.
    case explosion(norm: Double, usual: Double)
  }

  /// The steps that were made before.
  package let step: Int
  package let cause: Cause
  /// Where numbers were first not finite, forward or else backward: an input, a node, or nil for the loss itself. Of an explosion the node
  /// whose parameter has the longest gradient.
  package let operation: String?
  /// The last file of the training's state that a step was made from; nil where there is none.
  package let checkpoint: String?

  package init(step: Int, cause: Cause, operation: String?, checkpoint: String?) {
    self.step = step
    self.cause = cause
    self.operation = operation
    self.checkpoint = checkpoint
  }
}

extension Divergence: CustomStringConvertible {
  package var description: String {
    let what =
      switch cause {
      case .loss: "the loss is not finite"
      case .gradient(let parameter): "the gradient of '\(parameter)' is not finite"
      case .explosion(let norm, let usual): "the gradient is \(norm.decimal(3)) long, where \(usual.decimal(3)) is usual"
      }
    let place =
      switch cause {
      case .explosion: operation.map { ", most of it in '\($0)'" } ?? ""
      case .loss, .gradient: ", first in \(operation.map { "'\($0)'" } ?? "the loss")"
      }
    let advice = checkpoint.map { "go on from \($0) with a lower rate" } ?? "begin again with a lower rate or a longer warm-up"
    return "the training diverged after \(step) steps: \(what)\(place); \(advice)"
  }
}
