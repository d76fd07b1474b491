import Autograd
import ModelGraph
import Models
import Randomness
import TestSupport
import Training

/// Trains the tiny text encoder towards made-up embeddings.
struct SmallTraining {
  let trainer: Trainer

  init(rate: Float = 1e-3, modulation: Modulation? = nil, watch: GradientWatch.Settings = .init(), checkpoints: Checkpoints? = nil) throws {
    let program = try Program(TinyModels.bertGraph())
    let parameters = program.initialParameters(seed: 3)
    let tape = Tape(program, parameters: parameters, workers: try Workers(count: 1))
    let state = TrainingState(parameters: parameters, optimizer: Optimizer(program.layout), random: CounterRandom(seed: 1))
    let schedule = RateSchedule(peak: rate, total: 100, decay: .constant)
    let groups: [ParameterGroups.Group] = [
      .init(name: "table", prefixes: ["embeddings."]), .init(name: "first", prefixes: ["encoder.layer.0."]),
    ]
    trainer = Trainer(
      tape: tape, state: state, settings: .init(schedule: schedule, modulation: modulation, watch: watch), groups: groups,
      checkpoints: checkpoints)
  }

  /// One step; `change` is given what the loss tells.
  func step(_ change: @escaping (inout BatchLoss) -> Void = { _ in }) throws -> StepReport {
    try trainer.step([TinyModels.texts]) { tape in
      let output = tape.program.graph.outputs[0]
      guard let rows = tape[output] else { return BatchLoss(.nan) }
      var loss = BatchLoss(CosineDistance()(rows, targets: oracleNumbers(rows.count), gradient: tape.gradient(of: output)))
      change(&loss)
      return loss
    }
  }

  /// The place of a parameter.
  func place(_ part: String) -> Int { trainer.tape.program.layout.entries.firstIndex { $0.name.contains(part) } ?? -1 }
}
