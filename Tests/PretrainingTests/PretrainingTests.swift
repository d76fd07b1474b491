import Autograd
import Foundation
import ModelEvaluation
import ModelGraph
import Models
import Pretraining
import TestSupport
import Testing
import Training

private let model = """
  [data]
  directory = "SET"
  [run]
  checkpoint_steps = 3
  evaluation_steps = 6
  evaluation_samples = 8
  [model]
  embedding = 16
  [model.image]
  encoder = "vit"
  size = 8
  patch = 4
  hidden = 16
  layers = 1
  heads = 2
  bottleneck = 8
  merged = 2
  [model.sound]
  encoder = "wav2vec2"
  rate = 16000
  samples = 400
  widths = [8, 16]
  kernels = [10, 8]
  strides = [5, 8]
  hidden = 16
  layers = 1
  heads = 2
  position_kernel = 3
  [model.text]
  encoder = "bert"
  tokenizer = "SET"
  longest = 8
  hidden = 16
  layers = 1
  heads = 2
  [model.fusion]
  width = 16
  layers = 1
  heads = 2
  cross_layers = 1
  [model.local]
  width = 8
  layers = 1
  heads = 2

  """

private let everything = """
  [stages.pairs]
  steps = 6
  batch = 4
  rate = 2e-3
  contrast = "sigmoid"
  [stages.pairs.tasks]
  image-text = 1
  sound-text = 1
  [stages.all]
  steps = 9
  batch = 4
  pass = 2
  rate = 2e-3
  dropout = 0.2
  balance = 0.3
  quantization = "aware"
  average = 0.5
  frozen = ["text.embeddings."]
  [stages.all.rates]
  "image." = 0.5
  [stages.all.tasks]
  image-text = 0.5
  sound-text = 0.5
  image-sound = 0.5
  classification = 1
  local-classification = 1
  matching = 0.5
  masked-text = 0.5
  masked-image = 0.5
  masked-sound = 0.5
  caption = 0.5
  """

@Suite struct PretrainingTests {
  private let set: TinySet
  private let folder: TemporaryDirectory

  init() throws {
    set = try TinySet()
    folder = try TemporaryDirectory()
  }

  private func experiment(_ text: String, changes: [(path: String, value: String)] = []) throws -> Experiment {
    let file = try folder.write("experiment.toml", text.replacingOccurrences(of: "SET", with: set.path).utf8)
    return try Experiment(file: file, changes: changes)
  }

  private func pretraining(_ text: String, _ name: String) throws -> Pretraining {
    try Pretraining(experiment(text), directory: folder.path + "/" + name, workers: Workers(count: 1))
  }

  @Test func goesOnAfterAStopWithTheSameBits() throws {
    let whole = try pretraining(model + everything, "whole").run { _ in }
    for stop in [2, 8, 11] {
      var steps = 0
      #expect(throws: PretrainingError.self) {
        try pretraining(model + everything, "stopped-\(stop)").run { event throws(PretrainingError) in
          if case .step = event { steps += 1 }
          if steps == stop { throw .noMask }
        }
      }
      let taken = try pretraining(model + everything, "stopped-\(stop)").run { _ in }
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
      """
    var losses: [[String: Double]] = []
    let path = try pretraining(model + stage, "all").run { event in
      if case .step(let report, _) = event { losses.append(report.loss.parts) }
    }
    for task in PretrainingTask.all.map(\.name) where !task.hasPrefix("teacher-") {
      let (before, after) = (losses.prefix(10).compactMap { $0[task] }, losses.suffix(10).compactMap { $0[task] })
      #expect(!after.isEmpty && after.reduce(0, +) < before.reduce(0, +), "\(task): \(before) → \(after)")
    }
    let answers = try FloatAnswers(HuggingFaceModel(directory: path), workers: Workers(count: 1))
    #expect(Set(answers.graph.outputs.map { answers.graph[$0].name }).isSuperset(of: ["image-embedding", "logits", "local.logits"]))
  }

  /// The student has another kind of image encoder, and narrower embeddings would do as well.
  @Test func aStudentLearnsFromWhatATeacherSaid() throws {
    let teacher = try pretraining(model + everything, "teacher").run { _ in }
    let stage = """
      [teacher]
      model = "\(teacher)"
      variants = 3
      [stages.all]
      steps = 80
      batch = 4
      rate = 3e-3
      dropout = 0.2
      [stages.all.tasks]
      teacher-embedding = 1
      teacher-affinity = 0.1
      teacher-logits = 1
      teacher-local-logits = 1
      """
    let network = """
      encoder = "mobilenet"
      size = 8
      first = 8
      widths = [8, 16]
      depths = [1, 1]
      strides = [1, 2]
      last = 16
      """
    let transformer = "encoder = \"vit\"\nsize = 8\npatch = 4\nhidden = 16\nlayers = 1\nheads = 2"
    let text = model.replacingOccurrences(of: transformer, with: network) + stage
    var (losses, shards): ([[String: Double]], Int) = ([], 0)
    _ = try pretraining(text, "student").run { event in
      switch event {
      case .step(let report, _): losses.append(report.loss.parts)
      case .taught(let done, _): shards = done
      default: break
      }
    }
    #expect(shards == 1)
    for task in ["teacher-embedding", "teacher-affinity", "teacher-logits", "teacher-local-logits"] {
      let (before, after) = (losses.prefix(8).compactMap { $0[task] }, losses.suffix(8).compactMap { $0[task] })
      #expect(!after.isEmpty && after.reduce(0, +) < 0.8 * before.reduce(0, +), "\(task): \(before) → \(after)")
    }
    let other = text.replacingOccurrences(of: "variants = 3", with: "variants = 2")
    #expect { _ = try pretraining(other, "student").run { _ in } } throws: { "\($0)".contains("another experiment") }
    let alone = (model + stage).replacingOccurrences(of: "[teacher]\nmodel = \"\(teacher)\"\nvariants = 3\n", with: "")
    #expect { _ = try experiment(alone) } throws: { "\($0)".contains("[teacher]") }
  }

  @Test(arguments: [
    ("image-text = 1\n", "image-txt = 1\n", "stages.pairs.tasks.image-txt"),
    ("\nsteps = 6", "\nsteps = 0", "stages.pairs.steps"), ("pass = 2", "pass = 3", "stages.all.pass"),
    ("dropout = 0.2", "dropout = 1.2", "stages.all.dropout"), ("\"sigmoid\"", "\"cosine\"", "stages.pairs.contrast"),
    ("checkpoint_steps = 3", "checkpoint_stops = 3", "run.checkpoint_stops"),
  ]) func wrongEntriesAreNamed(old: String, new: String, field: String) throws {
    #expect {
      _ = try experiment((model + everything).replacingOccurrences(of: old, with: new))
    } throws: { error in
      guard case ImportError.badField(_, let found, _, _) = error else { return false }
      return found == field
    }
  }

  @Test func whatAModelCannotLearnIsRefusedBeforeItBegins() throws {
    let noFusion = (model + everything).replacingOccurrences(of: "[model.fusion]", with: "[model.local2]")
    #expect(throws: (any Error).self) { try pretraining(noFusion, "x") }
    let unknown = (model + everything).replacingOccurrences(of: "text.embeddings.", with: "texts.")
    #expect { _ = try pretraining(unknown, "y") } throws: { "\($0)".contains("'texts.'") }
    _ = try pretraining(model + everything, "z").run { _ in }
    let other = (model + everything).replacingOccurrences(of: "rate = 2e-3", with: "rate = 1e-3")
    #expect { try pretraining(other, "z").run { _ in } } throws: { "\($0)".contains("another experiment") }
  }

  @Test func changesStandInPlaceOfEntries() throws {
    let changed = try experiment(
      model + everything,
      changes: [("run.seed", "7"), ("stages.all.steps", "3"), ("data.augmentation", "false"), ("data.directory", "else")])
    #expect(changed.run.seed == 7 && changed.stages[1].steps == 3 && !changed.data.augments && changed.data.directory == "else")
    let relative = try experiment((model + everything).replacingOccurrences(of: "\"\(set.path)\"", with: "\"near\""))
    #expect(relative.stages.map(\.name) == ["pairs", "all"])
  }
}
