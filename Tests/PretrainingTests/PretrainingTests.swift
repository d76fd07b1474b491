import Autograd
import BundleFormat
import Dataset
import DatasetMaking
import Foundation
import ModelEvaluation
import ModelGraph
import Models
import Pretraining
import TestSupport
import Testing
import Training

@Suite struct PretrainingTests {
  private let tiny: TinyExperiment

  init() throws { tiny = try TinyExperiment() }

  @Test func goesOnAfterAStopWithTheSameBits() throws {
    let whole = try tiny.pretraining(TinyExperiment.model + TinyExperiment.everything, "whole").run { _ in }
    for stop in [2, 8, 11] {
      var steps = 0
      #expect(throws: PretrainingError.self) {
        try tiny.pretraining(TinyExperiment.model + TinyExperiment.everything, "stopped-\(stop)").run { event throws(PretrainingError) in
          if case .step = event { steps += 1 }
          if steps == stop { throw .noMask }
        }
      }
      let taken = try tiny.pretraining(TinyExperiment.model + TinyExperiment.everything, "stopped-\(stop)").run { _ in }
      let (a, b) = (URL(fileURLWithPath: whole + "/model.safetensors"), URL(fileURLWithPath: taken + "/model.safetensors"))
      #expect(try Data(contentsOf: a) == Data(contentsOf: b), "stopped after \(stop) steps")
    }
  }

  @Test func everyTaskLosesLessWithTime() throws {
    let stage = """
      [stages.all]
      steps = 150
      batch = 4
      rate = 3e-3
      warm_up = 10
      [stages.all.tasks]
      image-text = 1
      sound-text = 1
      image-sound = 1
      classification = 1
      local-classification = 1
      matching = 0.5
      masked-text = 1
      masked-image = 1
      masked-sound = 1
      caption = 1
      rate = 0.3
      """
    let (path, losses) = try tiny.losses(TinyExperiment.model + stage, "all")
    let tasks = PretrainingTask.all.map(\.name).filter { !$0.hasPrefix("teacher-") }
    TinyExperiment.expectFall(losses, of: tasks, steps: 10, to: 1)
    let answers = try FloatAnswers(HuggingFaceModel(directory: path), workers: Workers(count: 1))
    #expect(Set(answers.graph.outputs.map { answers.graph[$0].name }).isSuperset(of: ["image-embedding", "logits", "local.logits"]))
  }

  @Test func memoryIsToldWithoutTraining() throws {
    let stages = try tiny.pretraining(TinyExperiment.model + TinyExperiment.everything, "dry").memory()
    #expect(stages.map(\.stage) == ["pairs", "all"] && stages.map(\.pass) == [4, 2])
    for stage in stages {
      #expect(stage.bytes > 16 * stage.parameters && stage.parameters > 1000)
      #expect(try #require(stage.largestPass) > stage.pass)
    }
    #expect(!FileManager.default.fileExists(atPath: tiny.folder.path + "/dry"))
  }

  @Test func aScaledModelIsNarrowerAndNoDeeper() throws {
    let stage = "[stages.all]\nsteps = 1\nbatch = 4\nrate = 1e-3\n[stages.all.tasks]\nclassification = 1\n"
    func parameters(_ scale: String) throws -> [String: [Float]] {
      let text = TinyExperiment.model.replacingOccurrences(of: "[model]\n", with: "[model]\nscale = \(scale)\n") + stage
      return try MultimodalDirectory.read(tiny.pretraining(text, scale).run { _ in }).parameters
    }
    let (whole, half) = (try parameters("1"), try parameters("0.5"))
    #expect(half.values.reduce(0) { $0 + $1.count } < whole.values.reduce(0) { $0 + $1.count } / 2)
    #expect(half["text.encoder.layer.0.attention.self.query.weight"]?.count == 64)
    #expect(whole["text.encoder.layer.0.attention.self.query.weight"]?.count == 256)
    #expect(throws: (any Error).self) { try parameters("0") }
  }

  @Test(arguments: [
    ("image-text = 1\n", "image-txt = 1\n", "stages.pairs.tasks.image-txt"),
    ("\nsteps = 6", "\nsteps = 0", "stages.pairs.steps"), ("pass = 2", "pass = 3", "stages.all.pass"),
    ("dropout = 0.2", "dropout = 1.2", "stages.all.dropout"), ("\"sigmoid\"", "\"cosine\"", "stages.pairs.contrast"),
    ("[data]", "[data]\narea = [1, 0.5]", "data.area"), ("[data]", "[data]\narea = [0.5]", "data.area"),
    ("checkpoint_steps = 3", "checkpoint_stops = 3", "run.checkpoint_stops"),
  ]) func wrongEntriesAreNamed(old: String, new: String, field: String) throws {
    #expect {
      _ = try tiny.experiment((TinyExperiment.model + TinyExperiment.everything).replacingOccurrences(of: old, with: new))
    } throws: { error in
      guard case ImportError.badField(_, let found, _, _) = error else { return false }
      return found == field
    }
  }

  @Test func whatAModelCannotLearnIsRefusedBeforeItBegins() throws {
    let noFusion = (TinyExperiment.model + TinyExperiment.everything).replacingOccurrences(of: "[model.fusion]", with: "[model.local2]")
    #expect(throws: (any Error).self) { try tiny.pretraining(noFusion, "x") }
    let unknown = (TinyExperiment.model + TinyExperiment.everything).replacingOccurrences(of: "text.embeddings.", with: "texts.")
    #expect { _ = try tiny.pretraining(unknown, "y") } throws: { "\($0)".contains("'texts.'") }
    _ = try tiny.pretraining(TinyExperiment.model + TinyExperiment.everything, "z").run { _ in }
    let other = (TinyExperiment.model + TinyExperiment.everything).replacingOccurrences(of: "rate = 2e-3", with: "rate = 1e-3")
    #expect { try tiny.pretraining(other, "z").run { _ in } } throws: { "\($0)".contains("another experiment") }
    let unseen = (TinyExperiment.model + TinyExperiment.everything).replacingOccurrences(
      of: "[stages.all]", with: "[stages.all]\nmodalities = [\"image\"]")
    #expect { _ = try tiny.pretraining(unseen, "w") } throws: { "\($0)".contains("no text") }
  }

  /// The stages that have not begun.
  @Test func laterStagesMayStillChange() throws {
    let parts = (TinyExperiment.model + TinyExperiment.everything).components(separatedBy: "[stages.all]")
    _ = try tiny.pretraining(parts[0], "grown").run { _ in }
    let grown = try tiny.pretraining(TinyExperiment.model + TinyExperiment.everything, "grown").run { _ in }
    let whole = try tiny.pretraining(TinyExperiment.model + TinyExperiment.everything, "whole").run { _ in }
    let (a, b) = (URL(fileURLWithPath: grown + "/model.safetensors"), URL(fileURLWithPath: whole + "/model.safetensors"))
    #expect(try Data(contentsOf: a) == Data(contentsOf: b))
    #expect { try tiny.pretraining(parts[0], "grown").run { _ in } } throws: { "\($0)".contains("another experiment") }
  }

  /// Nothing else moves, and batches may hold a concept twice.
  @Test func aStageCanLearnFromOneModality() throws {
    let stage = """
      [stages.sounds]
      modalities = ["sound"]
      steps = 3
      batch = 4
      rate = 1e-2
      [stages.sounds.tasks]
      classification = 1
      """
    let begun = try MultimodalDirectory.read(
      tiny.pretraining(TinyExperiment.model + stage.replacingOccurrences(of: "1e-2", with: "1e-9"), "begun").run { _ in })
    let left = try MultimodalDirectory.read(tiny.pretraining(TinyExperiment.model + stage, "left").run { _ in })
    let moved = left.parameters.filter { name, values in
      zip(values, begun.parameters[name] ?? []).contains { abs($0 - $1) > 1e-6 }
    }
    #expect(moved.keys.contains { $0.hasPrefix("sound.") } && moved.keys.contains { $0.hasPrefix("fusion.head") })
    #expect(!moved.keys.contains { $0.hasPrefix("image.") || $0.hasPrefix("text.") || $0.hasPrefix("fusion.text") })
  }

  /// A text encoder that is not trained runs once for each text; one of which anything is trained runs with each batch.
  @Test func aFrozenTextEncoderIsComputedOnce() throws {
    func losses(frozen: String) throws -> [Double] {
      let stage = """
        [stages.all]
        steps = 6
        batch = 4
        rate = 1e-3
        dropout = 0.3
        longest_gradient = 1000
        frozen = \(frozen)
        [stages.all.rates]
        "text." = 0
        [stages.all.tasks]
        image-text = 1
        classification = 1
        """
      var losses: [Double] = []
      _ = try tiny.pretraining(TinyExperiment.model + stage, frozen.count.description).run { event in
        if case .step(let report, _) = event { losses.append(report.loss.total) }
      }
      return losses
    }
    let (once, always) = (try losses(frozen: "[\"text.\"]"), try losses(frozen: "[]"))
    #expect(once.count == 6 && zip(once, always).allSatisfy { abs($0 - $1) < 1e-4 * abs($1) }, "\(once) \(always)")
  }

  /// What crosses with few columns tells the concepts nearly as well as with all, and takes fewer bits with the task for it.
  @Test func bottlenecksLearnRatePoints() throws {
    func stage(_ rate: String) -> String {
      """
      [stages.all]
      steps = 120
      batch = 4
      rate = 3e-3
      [stages.all.tasks]
      classification = 1
      \(rate)
      """
    }
    let wide = TinyExperiment.model.replacingOccurrences(of: "embedding = 16", with: "embedding = 16\nrates = [0.25, 0.5]")
    func bits(_ losses: [[String: Double]]) -> Double { losses.suffix(40).compactMap { $0["rate"] }.reduce(0, +) }
    let (path, rated) = try tiny.losses(wide + stage("rate = 1"), "rated")
    let (_, free) = try tiny.losses(wide + stage("rate = 1e-6"), "free")
    #expect(bits(rated) > 0 && bits(rated) < 0.9 * bits(free), "\(bits(rated)) \(bits(free))")
    let model = try HuggingFaceModel(directory: path)
    #expect(model.ratePoints == RatePoints(tensors: ["image.rows.boundary"], shares: [0.25, 0.5]))
    #expect { _ = try tiny.pretraining(wide.replacingOccurrences(of: "bottleneck = 8\nmerged = 2", with: "") + stage(""), "w") } throws: {
      "\($0)".contains("model.rates")
    }
  }

  @Test func changesStandInPlaceOfEntries() throws {
    let changed = try tiny.experiment(
      TinyExperiment.model + TinyExperiment.everything,
      changes: [("run.seed", "7"), ("stages.all.steps", "3"), ("data.augmentation", "false"), ("data.directory", "else")])
    #expect(changed.run.seed == 7 && changed.stages[1].steps == 3 && !changed.data.augments && changed.data.directory == "else")
    let relative = try tiny.experiment(
      (TinyExperiment.model + TinyExperiment.everything).replacingOccurrences(of: "\"\(tiny.set.path)\"", with: "\"near\""))
    #expect(relative.stages.map(\.name) == ["pairs", "all"])
  }
}
