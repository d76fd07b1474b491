import ArgumentParser
import Autograd
import Dataset
import Evaluation
import Foundation
import Models
import Pretraining
import Training

/// `tributary-train pretrain`.
struct PretrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pretrain", abstract: "Trains a model of several modalities from an experiment file.",
    discussion: """
      The file names data, model, and stages with their tasks; tools/experiments/ has some to begin with. The directory gets a state every \
      so many steps, event files for TensorBoard, and in the end `model`, which `import` takes. Run the same command again and it goes on \
      where it was stopped.

      Examples:
        tributary-train pretrain teacher.toml --out teacher --set data.directory=pictograms
        tributary-train pretrain teacher.toml --out teacher --set model.text.from="$(tools/fetch-model)" --threads 2
        tributary-train distill student.toml --out student --set teacher.model=teacher/model
      """, aliases: ["distill"])

  @OptionGroup var options: ExperimentOptions

  @Option(help: ArgumentHelp("What the training writes to.", valueName: "directory"), completion: .directory)
  var out: String

  @Flag(help: "Train nothing: tell what each stage takes of memory, and the largest pass that would fit.")
  var dryRun = false

  @OptionGroup var threads: ThreadOptions

  func run() throws {
    do {
      let pretraining = try Pretraining(options.read(), directory: out, workers: Workers(count: threads.count))
      guard !dryRun else { return print(Self.table(try pretraining.memory())) }
      var display = StageDisplay()
      let model = try pretraining.run { display.show($0) }
      print("the model is in \(model)")
    } catch {
      throw Failure(error).report()
    }
  }
}

extension PretrainCommand {
  private static func table(_ stages: [StageMemory]) -> String {
    let rows = stages.map { stage in
      [
        stage.stage, "\(stage.parameters)", "\(stage.pass)", (Double(stage.bytes) / 1048576).decimal(1),
        stage.largestPass.map { "\($0)" } ?? "unknown",
      ]
    }
    return TextTable(["stage", "parameters", "pass", "MiB", "largest pass that fits"], rows).text
  }
}

/// Shows how a training goes.
struct StageDisplay {
  private let start = ContinuousClock.now
  private var progress = TrainingProgress(steps: 0, at: 0)
  private var status = StatusLine()
  private var stage = ""

  private var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

  mutating func show(_ event: StageEvent) {
    switch event {
    case .taught(let done, let all):
      status.show(bar: "the teacher: shard \(done) of \(all)", line: "the teacher: shard \(done) of \(all)")
    case .began(let name, let steps, let done, let warnings):
      stage = name
      progress = TrainingProgress(steps: steps, done: done, at: seconds)
      for warning in warnings { status.say("passed over: \(warning)") }
      status.say(done == 0 ? "\(name): \(steps) steps" : "\(name): goes on after step \(done) of \(steps)")
    case .step(let report, let samples):
      progress.advance(loss: report.loss.total, samples: samples, at: seconds)
      status.show(bar: "\(stage) \(progress.bar)", line: "\(stage): \(progress.line)")
    case .evaluated(let step, let recall):
      status.say("\(stage): recall \(String(format: "%.3f", recall)) of what was held out, after step \(step)")
    case .vanishing(let group): status.say("\(stage): the gradients of '\(group)' have nearly vanished: it no longer learns")
    case .ended(_, let faults):
      status.end()
      if faults.bad > 0 { status.say("\(stage): left out \(faults.summary)") }
    }
  }
}
