import Autograd
import Glibc
import ModelGraph
import Models
import Randomness
import Training

/// A small training that keeps its state after every step, goes on from it when it is started again, and writes a line a step. Each step
/// waits for a byte of the input.
/// Arguments: the directory of the states, the number of steps, the number of threads.
@main struct ResumedTraining {
  static func main() throws {
    let checkpoints = try Checkpoints(directory: CommandLine.arguments[1], keeping: 2)
    let (steps, threads) = (Int(CommandLine.arguments[2]) ?? 0, Int(CommandLine.arguments[3]) ?? 1)
    var builder = GraphBuilder()
    let configuration = BertConfiguration(vocabulary: 40, hidden: 32, layers: 2, heads: 4, intermediate: 64, positions: 16)
    let embedding = bertEncoder(into: &builder, configuration)
    let program = try Program(builder.build(outputs: [embedding], limits: Limits(batch: 8, sequence: 16)))
    let parameters = program.initialParameters(seed: 5)
    let tape = Tape(program, parameters: parameters, workers: try Workers(count: threads))
    let state = TrainingState(
      parameters: parameters, optimizer: Optimizer(program.layout), averages: true, random: CounterRandom(seed: 7, stream: 1))
    _ = try checkpoints.resume(state)
    let settings = Trainer.Settings(schedule: RateSchedule(peak: 3e-3, warmUp: 5, total: steps), averageDecay: 0.9)
    let trainer = Trainer(tape: tape, state: state, settings: settings)
    var go: UInt8 = 0
    while state.optimizer.steps < steps, read(STDIN_FILENO, &go, 1) == 1 {
      let report = try trainer.step([batch(&state.random), batch(&state.random)]) { tape in
        guard let rows = tape[embedding] else { return BatchLoss(.nan) }
        let targets = (0..<rows.count).map { $0 % 3 == 0 ? Float(0.5) : -0.1 }
        return BatchLoss(CosineDistance()(rows, targets: targets, gradient: tape.gradient(of: embedding)))
      }
      try checkpoints.save(state)
      let line = "step \(state.optimizer.steps) loss \(report.loss.total)\n"
      write(STDOUT_FILENO, line, line.utf8.count)
    }
  }

  private static func batch(_ random: inout CounterRandom) -> [Example] {
    (0..<4).map { _ in
      let count = 1 + Int(random.next() % 16)
      return Example(tokens: (0..<count).map { _ in Int32(random.next() % 40) })
    }
  }
}
