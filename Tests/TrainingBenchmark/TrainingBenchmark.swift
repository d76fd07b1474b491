import Autograd
import Glibc
import ModelGraph
import Randomness

/// Times training steps of the models of tools/bench-training: for each line of its input, `model threads steps`, it makes as many steps
/// and answers with the seconds of each by the clock and of processors, and with the most memory that the process has had, in kB.
@main struct TrainingBenchmark {
  static func main() throws {
    while let line = readLine() {
      let words = line.split(separator: " ")
      guard words.count == 3, let threads = Int(words[1]), let steps = Int(words[2]), let model = BenchmarkModel.named(String(words[0]))
      else { return print("expected: model threads steps") }
      let job = try BenchmarkJob(model, threads: threads)
      let times = try (0..<steps).map { _ in try job.step() }
      print(times.flatMap { [String($0.wall), String($0.processors)] }.joined(separator: " "), peakMemory())
      fflush(nil)
    }
  }

  private static func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
  }
}

/// A model with a batch and a loss.
final class BenchmarkJob {
  private let model: BenchmarkModel
  private let tape: Tape
  private let optimizer: Optimizer
  private let batch: [Example]
  private let targets: [Float]

  init(_ model: BenchmarkModel, threads: Int) throws {
    self.model = model
    let program = try Program(model.graph, beside: ["scale"])
    let parameters = program.initialParameters(seed: 1)
    if let scale = program.layout["scale"] { parameters[scale][0] = 2.66 }
    tape = Tape(program, parameters: parameters, workers: try Workers(count: threads))
    optimizer = Optimizer(program.layout)
    var random = CounterRandom(seed: 2)
    batch = (0..<BenchmarkModel.batch).map { _ in model.example(&random) }
    targets = (0..<BenchmarkModel.batch * BenchmarkModel.embedding).map { _ in random.normal() }
  }

  /// The seconds of a step: forward, loss, backward, AdamW.
  func step() throws -> (wall: Double, processors: Double) {
    let start = (Self.seconds(CLOCK_MONOTONIC), Self.seconds(CLOCK_PROCESS_CPUTIME_ID))
    try tape.load(batch)
    tape.forward()
    _ = loss()
    tape.backward()
    if let gradients = tape.gradients { optimizer.step(tape.parameters, gradients: gradients, rate: 1e-4, workers: tape.workers) }
    return (Self.seconds(CLOCK_MONOTONIC) - start.0, Self.seconds(CLOCK_PROCESS_CPUTIME_ID) - start.1)
  }

  private func loss() -> Double {
    let outputs = model.graph.outputs
    guard let first = tape[outputs[0]] else { return .nan }
    guard outputs.count == 2, let second = tape[outputs[1]], let scale = tape.program.layout["scale"] else {
      return CosineDistance()(first, targets: targets, gradient: tape.gradient(of: outputs[0]))
    }
    let gradients = (tape.gradient(of: outputs[0]), tape.gradient(of: outputs[1]))
    let found = ContrastiveLoss()(
      first, second, logScale: tape.parameters[scale][0], gradients: gradients, workers: tape.workers)
    tape.gradients?[scale][0] += found.logScaleGradient
    return found.loss
  }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
