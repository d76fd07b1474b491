import Autograd
package import Dataset
package import Evaluation
import ModelGraph
import Models

/// What a page tells of a model.
package struct ModelSheet: Sendable {
  /// The file or the directory.
  package let name: String
  /// Whether it runs in integers.
  package let isBundle: Bool
  package let parameters: Int
  /// Of the file of the parameters.
  package let bytes: Int
  /// Of each split that the set has.
  package let reports: [EvaluationReport]
  package let calibration: CalibrationError?
  /// Of a bundle.
  package let curve: RateCurve?

  /// Looks at `most` samples of each split at most. A directory is computed in float, a file as a device does.
  package init(
    model path: String, isDirectory: Bool, set: DatasetDirectory, atMost most: Int, threads: Int, bytes: Int
  ) throws {
    (name, self.bytes, isBundle) = (path, bytes, !isDirectory)
    if isDirectory {
      let model = try HuggingFaceModel(directory: path)
      parameters = model.parameters.values.reduce(0) { $0 + $1.count }
      (reports, calibration) = try Self.measured(FloatAnswers(model, workers: Workers(count: threads)), set, most)
      curve = nil
    } else {
      let answers = try BundleAnswers(path: path, threads: threads)
      parameters = answers.graph.parameters.reduce(0) { $0 + (answers.graph[$1].shape.elementCount(batch: 1, sequence: 1) ?? 0) }
      (reports, calibration) = try Self.measured(answers, set, most)
      curve = try RateCurve(answers, set: set, split: ModelEvaluation<BundleAnswers>.known, atMost: min(most, 500))
    }
  }

  private static func measured<Answers: MultimodalAnswers>(
    _ answers: Answers, _ set: DatasetDirectory, _ most: Int
  ) throws -> ([EvaluationReport], CalibrationError?) {
    var evaluation = try ModelEvaluation(answers, set: set, atMost: most)
    let reports = try evaluation.reports()
    let known = ModelEvaluation<Answers>.known
    return (reports.map(\.report), reports.contains { $0.split == known } ? try evaluation.calibration(split: known) : nil)
  }

  /// What was measured so of a subject.
  package func line(_ subject: String, _ measure: String) -> EvaluationReport.Line? {
    reports.lazy.flatMap(\.lines).first { $0.subject == subject && $0.measure == measure }
  }
}
