import Autograd
import Dataset
import ModelGraph
import Randomness
import TestSupport
import Testing
import Training

@Suite struct DivergenceTests {
  private func divergence(_ body: () throws -> Void) -> Divergence? {
    do {
      try body()
    } catch TrainingError.diverged(let divergence) {
      return divergence
    } catch {
      Issue.record("\(error)")
    }
    return nil
  }

  /// The first node behind a weight that is infinite, and the state from before it was.
  @Test func infiniteWeightsAreFound() throws {
    let folder = try TemporaryDirectory()
    let checkpoints = try Checkpoints(directory: folder.path)
    let training = try SmallTraining(checkpoints: checkpoints)
    let state = training.trainer.state
    for _ in 0..<2 {
      _ = try training.step()
      try checkpoints.save(state)
    }
    state.parameters[training.place("layer.1.intermediate.dense.bias")][3] = .infinity
    let before = Array(state.parameters.memory.values)
    let found = divergence { _ = try training.step() }
    #expect(found?.step == 2 && found?.operation == "encoder.1.intermediate")
    #expect(found?.checkpoint == "\(folder.path)/step-000001.safetensors")
    #expect(found?.description.contains("is not finite, first in 'encoder.1.intermediate'; go on from \(folder.path)/step-000001") == true)
    #expect(Array(state.parameters.memory.values) == before && state.optimizer.steps == 2 && state.cursor == SampleCursor())
  }

  @Test func lossesAloneCanDiverge() throws {
    let found = divergence { _ = try SmallTraining().step { $0.total = .nan } }
    #expect(found == Divergence(step: 0, cause: .loss, operation: nil, checkpoint: nil))
  }

  /// Backward, the last node's parameters come first.
  @Test func gradientsAreFoundBackward() throws {
    let training = try SmallTraining()
    let found = divergence {
      _ = try training.trainer.step([TinyModels.texts]) { tape in
        tape.gradient(of: tape.program.graph.outputs[0])?.start[0] = .nan
        return BatchLoss(1)
      }
    }
    #expect(found?.operation == "encoder.1.norm")
    guard case .gradient(let parameter)? = found?.cause else {
      Issue.record("\(String(describing: found))")
      return
    }
    #expect(parameter.hasPrefix("encoder.layer.1.output.LayerNorm."))
  }

  @Test func explodingGradientsStop() throws {
    var watch = GradientWatch.Settings()
    (watch.window, watch.explosion) = (4, 50)
    let training = try SmallTraining(watch: watch)
    for _ in 0..<5 { _ = try training.step() }
    let found = divergence {
      _ = try training.trainer.step([TinyModels.texts]) { tape in
        guard let gradient = tape.gradient(of: tape.program.graph.outputs[0]) else { return BatchLoss(.nan) }
        for index in 0..<gradient.count { gradient.start[index] = 1e6 * Float(index % 5 - 2) }
        return BatchLoss(1)
      }
    }
    guard case .explosion(let norm, let usual)? = found?.cause else {
      Issue.record("\(String(describing: found))")
      return
    }
    #expect(norm > 50 * usual && usual > 0 && found?.step == 5 && found?.operation != nil)
  }

  /// A rate that is far too high ends in a typed error within a few steps.
  @Test func ratesThatAreTooHighStop() throws {
    let training = try SmallTraining(rate: 1e30)
    let found = divergence { for _ in 0..<10 { _ = try training.step() } }
    #expect(found?.operation != nil && (1..<10).contains(found?.step ?? 0))
  }

  @Test func badInputsAreNamed() throws {
    let graph = try TinyModels.vit()
    let program = try Program(graph)
    let parameters = program.initialParameters(seed: 1)
    let state = TrainingState(parameters: parameters, optimizer: Optimizer(program.layout), random: CounterRandom(seed: 1))
    let tape = Tape(program, parameters: parameters, workers: try Workers(count: 1))
    let trainer = Trainer(tape: tape, state: state, settings: .init(schedule: RateSchedule(peak: 1e-3, total: 10)))
    let input = graph.inputs[0]
    var example = Example(values: [input: oracleNumbers(graph[input].shape.elementCount(batch: 1, sequence: 1) ?? 0)])
    example.values[input]?[5] = .nan
    let found = divergence {
      _ = try trainer.step([[example]]) { tape in BatchLoss(Double(tape[graph.outputs[0]]?.start[0] ?? 0)) }
    }
    #expect(found == Divergence(step: 0, cause: .loss, operation: graph[input].name, checkpoint: nil))
    #expect(throws: TrainingError.badBatch(.badInput(tensor: graph[input].name, expected: 768, found: 1))) {
      try trainer.step([[Example(values: [input: [1]])]]) { _ in BatchLoss(0) }
    }
  }
}
