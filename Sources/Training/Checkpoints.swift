import Autograd
import BundleFormat
import Glibc

/// A directory with the states of a training at some steps, `step-000500.safetensors`: the last ones and the best. All that is known of
/// them stands in the files, so that a training that was killed at any time goes on from the newest.
package struct Checkpoints: Sendable {
  package let directory: String
  /// How many of the last are kept.
  package let kept: Int

  /// Makes the directory where it is missing.
  package init(directory: String, keeping kept: Int = 3) throws(TrainingError) {
    try Directory.make(directory)
    self.directory = directory
    self.kept = kept
  }

  /// Writes the state, whole or not at all, and removes what is neither among the last nor the best. `score` is what an evaluation told:
  /// the more the better. Returns the file.
  @discardableResult
  package func save(_ state: TrainingState, score: Double? = nil) throws(TrainingError) -> String {
    let file = path(state.optimizer.steps)
    try state.save(to: file, score: score)
    let steps = steps
    let others = Set(steps.dropLast(kept).map(path)).subtracting([best?.file ?? file])
    for other in others { unlink(other) }
    for name in Directory.names(directory) where name.hasPrefix(Self.prefix) && name.hasSuffix(NewFile.partialSuffix) {
      unlink("\(directory)/\(name)")
    }
    return file
  }

  /// Takes up the newest state that can be read. Returns its file and why newer ones could not be taken; nil where there is none at all.
  /// Throws what is wrong with the newest where none can be read.
  package func resume(_ state: TrainingState) throws(TrainingError) -> (file: String, skipped: [TrainingError])? {
    var skipped: [TrainingError] = []
    for step in steps.reversed() {
      do throws(TrainingError) {
        try state.restore(from: path(step))
        return (path(step), skipped)
      } catch {
        skipped.append(error)
      }
    }
    if let first = skipped.first { throw first }
    return nil
  }

  /// The newest from before a step.
  package func newest(before step: Int) -> String? { steps.last { $0 < step }.map(path) }

  /// The one with the highest score, the newest of several.
  package var best: (file: String, score: Double)? {
    let scored = steps.compactMap { step in TrainingState.score(of: path(step)).map { (file: path(step), score: $0) } }
    return scored.reversed().max { $0.score < $1.score }
  }

  private static let prefix = "step-"
  private static let suffix = ".safetensors"

  /// In rising order.
  private var steps: [Int] {
    let numbers = Directory.names(directory).compactMap { name -> Int? in
      guard name.hasPrefix(Self.prefix), name.hasSuffix(Self.suffix) else { return nil }
      return Int(name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count))
    }
    return numbers.sorted()
  }

  private func path(_ step: Int) -> String {
    let digits = String(step)
    return "\(directory)/\(Self.prefix)\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)\(Self.suffix)"
  }
}
