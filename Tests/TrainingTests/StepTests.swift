import Autograd
import Foundation
import ModelGraph
import Randomness
import TestSupport
import Testing
import Training

@Suite struct StepTests {
  private static let schedule = RateSchedule(peak: 3e-3, warmUp: 4, total: 10)

  private func trainer(_ algorithm: Optimizer.Algorithm, averages: Bool = false) throws -> Trainer {
    let tape = try GoldenTraining("bert").tape(Program(TinyModels.bertGraph()))
    let optimizer = Optimizer(tape.program.layout, settings: .init(algorithm: algorithm, weightDecay: 0.05))
    let state = TrainingState(parameters: tape.parameters, optimizer: optimizer, averages: averages, random: CounterRandom(seed: 1))
    return Trainer(tape: tape, state: state, settings: .init(schedule: Self.schedule, longestGradient: 0.5, averageDecay: 0.75))
  }

  private func loss(_ tape: Tape) -> BatchLoss {
    let output = tape.program.graph.outputs[0]
    guard let rows = tape[output] else { return BatchLoss(.nan) }
    return BatchLoss(CosineDistance()(rows, targets: oracleNumbers(rows.count), gradient: tape.gradient(of: output)))
  }

  /// Loss and length of the gradient before each of ten steps.
  @Test(arguments: Optimizer.Algorithm.allCases) func tenStepsEqualTorch(algorithm: Optimizer.Algorithm) throws {
    let data = try Data(contentsOf: GoldenTraining.folder.appendingPathComponent("steps.json"))
    let expected = try #require(JSONDecoder().decode([String: [[Double]]].self, from: data)[algorithm.rawValue])
    let trainer = try trainer(algorithm)
    for (step, numbers) in expected.enumerated() {
      let report = try trainer.step([TinyModels.texts], loss: loss)
      #expect(abs(report.loss.total - numbers[0]) < 2e-5, "step \(step): \(report.loss.total) for \(numbers[0])")
      #expect(abs(report.gradientNorm - numbers[1]) < 2e-4 * numbers[1], "step \(step): \(report.gradientNorm) for \(numbers[1])")
      #expect(report.rate == Self.schedule.rate(step: step))
    }
  }

  /// The same batch twice gives the step of the batch once.
  @Test func accumulatedBatchesMakeTheMeansStep() throws {
    let (once, twice) = (try trainer(.adamW), try trainer(.adamW))
    let a = try once.step([TinyModels.texts], loss: loss)
    let b = try twice.step([TinyModels.texts, TinyModels.texts], loss: loss)
    #expect(abs(a.gradientNorm - b.gradientNorm) < 1e-6 && abs(a.loss.total - b.loss.total) < 1e-9)
    for (a, b) in zip(once.state.parameters.memory.values, twice.state.parameters.memory.values) { #expect(abs(a - b) < 1e-5) }
  }

  @Test func theAverageFollows() throws {
    let trainer = try trainer(.adamW, averages: true)
    let average = try #require(trainer.state.average)
    var expected = Array(trainer.state.parameters.memory.values)
    for _ in 0..<3 {
      _ = try trainer.step([TinyModels.texts], loss: loss)
      for (place, value) in trainer.state.parameters.memory.values.enumerated() { expected[place] = 0.75 * expected[place] + 0.25 * value }
    }
    for (a, b) in zip(average.memory.values, expected) { #expect(abs(a - b) < 1e-6) }
  }

  /// A model that can learn learns a batch by heart.
  @Test func oneBatchIsLearnt() throws {
    let tape = try GoldenTraining("bert").tape(Program(TinyModels.bertGraph()))
    let state = TrainingState(
      parameters: tape.parameters, optimizer: Optimizer(tape.program.layout), random: CounterRandom(seed: 1))
    let trainer = Trainer(tape: tape, state: state, settings: .init(schedule: RateSchedule(peak: 1e-2, warmUp: 5, total: 150)))
    var last = Double.infinity
    for _ in 0..<150 { last = try trainer.step([TinyModels.texts], loss: loss).loss.total }
    #expect(last < 0.01)
  }
}
