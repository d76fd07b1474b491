import Autograd
import BundleFormat
import Evaluation
import Foundation
import Testing

@Suite struct ClassificationTests {
  @Test func accuracyAndConfusionAreThoseOfScikitLearn() throws {
    let golden = try GoldenEvaluation.read()
    let logits = Matrix(golden.logits)
    let accuracy = Accuracy(logits, targets: golden.targets)
    #expect(golden.top.count == 3)
    for (count, expected) in golden.top { #expect(abs(accuracy.top(Int(count) ?? 0) - expected) < 1e-12, "top \(count)") }
    var confusion = ConfusionCounts(classes: golden.confusion.count)
    confusion.add(logits, targets: golden.targets)
    for (target, answers) in golden.confusion.enumerated() {
      #expect(answers.indices.map { confusion[target, $0] } == answers)
      let sum = answers.reduce(0, +)
      #expect(confusion.recall(target) == (sum > 0 ? Double(answers[target]) / Double(sum) : nil))
    }
    #expect(accuracy.hits().count { $0 } == golden.confusion.indices.reduce(0) { $0 + golden.confusion[$1][$1] })
  }

  @Test func tiesAndNoNumbersAreWrong() {
    #expect(Accuracy(Matrix([[1, 1, 0], [.nan, 0, 0], [0, .nan, 2]]), targets: [0, 0, 2]).ranks == [1, 2, 1])
    #expect(Accuracy(Matrix(rows: 0, columns: 3, values: []), targets: []).top() == 0)
  }

  @Test func promptsMakeClasses() throws {
    let golden = try GoldenEvaluation.read()
    let classifier = ZeroShotClassifier(prompts: golden.prompts.map { Matrix($0) })
    for (a, b) in zip(classifier.classes.values, golden.classes.flatMap { $0 }) { #expect(abs(a - b) < 1e-6) }
    let scores = classifier.scores(of: Matrix(golden.a))
    #expect(scores.rows == golden.a.count && scores.columns == 3)
    for (a, b) in zip(scores.values, golden.zeroShot.flatMap { $0 }) { #expect(abs(a - b) < 1e-6) }
    // A prompt's length does not count.
    let long = ZeroShotClassifier(prompts: golden.prompts.map { rows in Matrix(rows.map { $0.map { 8 * $0 } }) })
    for (a, b) in zip(long.classes.values, classifier.classes.values) { #expect(abs(a - b) < 1e-6) }
  }

  @Test func threeModalitiesHaveSevenSubsets() {
    var subsets = SubsetAccuracy(modalities: ["image", "sound", "text"])
    #expect(
      subsets.lines.map { $0.modalities.joined(separator: "+") }
        == ["image", "sound", "text", "image+sound", "image+text", "sound+text", "image+sound+text"])
    subsets.add([true, false, true], with: ["text", "image"])
    subsets.add([true], with: ["image", "text"])
    #expect(subsets.lines[4].accuracy == 0.75 && subsets.lines[4].count == 4)
    #expect(subsets.lines.filter { $0.accuracy != nil }.count == 1)
  }

  @Test func calibrationErrorIsThatOfTorchMetrics() throws {
    let golden = try GoldenEvaluation.read()
    for (temperature, expected) in golden.calibration {
      let found = CalibrationError(Matrix(golden.logits), targets: golden.targets, temperature: Float(temperature) ?? 0)
      #expect(abs(found.expected - expected) < 1e-5, "\(temperature): \(found.expected) for \(expected)")
      #expect(found.bins.count == 15 && found.bins.reduce(0) { $0 + $1.count } == golden.logits.count)
    }
    // Half of the answers of confidence ½ are right; those of confidence 1 always.
    let even = CalibrationError(Matrix([[0, 0.0001], [0.0001, 0], [500, 0]]), targets: [0, 0, 0], bins: 2)
    #expect(even.expected < 1e-4 && even.bins.map(\.count) == [0, 3])
  }

  @Test func temperatureIsThatOfSciPy() throws {
    let golden = try GoldenEvaluation.read()
    let fitted = Confidence.fitted(Matrix(golden.logits), targets: golden.targets)
    #expect(abs(Double(fitted.temperature) - golden.temperature) < 1e-5 * golden.temperature, "\(fitted.temperature)")
    // Logits eight times as large have eight times the temperature.
    let large = Confidence.fitted(Matrix(golden.logits.map { $0.map { 8 * $0 } }), targets: golden.targets)
    #expect(abs(large.temperature / fitted.temperature - 8) < 1e-4)
  }

  /// Where no temperature is best, one that a bundle may have.
  @Test func temperaturesStayInRange() {
    let right = Confidence.fitted(Matrix([[3, 0], [0, 3]]), targets: [0, 1]).temperature
    let wrong = Confidence.fitted(Matrix([[-3, 0], [0, -3]]), targets: [0, 1]).temperature
    #expect(right < 0.2 && wrong > 1000)
    #expect(Confidence.temperatures.contains(right) && Confidence.temperatures.contains(wrong), "\(right), \(wrong)")
    #expect(Confidence.fitted(Matrix([[1, 1]]), targets: [0]).temperature == 1)
  }
}
