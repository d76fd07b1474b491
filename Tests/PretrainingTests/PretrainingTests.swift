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
      rate = 0.3
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

  /// The teacher is a text encoder alone, of another width and with other words.
  @Test func aTextEncoderLearnsFromAnotherOfSentencesAlone() throws {
    let words = ["red", "green", "blue", "grey", "a", "the", "picture", "of"]
    let lines = (0..<60).map { number in
      (0..<1 + number % 4).map { words[(number * 5 + $0 * 3) % words.count] }.joined(separator: " ") + (number < 8 ? "" : " \(number)")
    }
    let texts = try folder.write("texts.txt", lines.joined(separator: "\n").utf8)
    let sentences = folder.path + "/sentences"
    try SetMaker(SentenceSource(paths: [texts], seed: 1), directory: sentences).make {}
    let data = "[data]\ndirectory = \"\(sentences)\"\naugmentation = false\n"
    let teacher = "[teacher]\nmodel = \"\(try textTeacher())\"\n"
    let sizes = """
      [model]
      embedding = 16
      [model.text]
      encoder = "bert"
      words = 20
      longest = 8
      hidden = 12
      layers = 1
      heads = 2
      [stages.distil]
      steps = 150
      batch = 8
      rate = 1e-2
      [stages.distil.tasks]
      teacher-embedding = 1
      """
    let path = try pretraining(data + teacher + sizes, "text-student").run { _ in }
    func answers(_ path: String) throws -> FloatAnswers { try FloatAnswers(HuggingFaceModel(directory: path), workers: Workers(count: 1)) }
    let set = try DatasetDirectory(sentences)
    let agreement = try #require(
      try TeacherAgreement(answers(path), teacher: answers(textTeacher()), set: set, split: "held-out", atMost: 100))
    #expect(agreement.texts == 6 && agreement.cosine > 0.8, "\(agreement)")
    let itself = try #require(
      try TeacherAgreement(answers(textTeacher()), teacher: answers(textTeacher()), set: set, split: "held-out", atMost: 100))
    #expect(abs(itself.cosine - 1) < 1e-5 && abs(itself.correlation - 1) < 1e-9)
  }

  /// Of three layers one gets the last, whatever is trained later.
  @Test func anEncoderBeginsWithEvenlySpacedLayersOfAnother() throws {
    let deep = model.replacingOccurrences(of: "longest = 8\nhidden = 16\nlayers = 1", with: "longest = 8\nhidden = 16\nlayers = 3")
    let stage = "[stages.all]\nsteps = 1\nbatch = 4\nrate = 1e-9\n[stages.all.tasks]\nimage-text = 1\n"
    let path = try pretraining(deep + stage, "deep").run { _ in }
    let whole = try MultimodalDirectory.read(path).parameters
    let shallow = model.replacingOccurrences(of: "tokenizer = \"SET\"", with: "tokenizer = \"SET\"\nfrom = \"\(path)\"")
    let inherited = try MultimodalDirectory.read(pretraining(shallow + stage, "shallow").run { _ in }).parameters
    func differs(_ name: String, _ other: String) -> Bool {
      zip(inherited[name] ?? [], whole[other] ?? [.infinity]).contains { abs($0 - $1) > 1e-6 }
    }
    let own = inherited.keys.filter { $0.hasPrefix("text.encoder.layer.0.") && $0.hasSuffix("weight") }
    #expect(!own.isEmpty)
    for name in own { #expect(!differs(name, name.replacingOccurrences(of: "layer.0.", with: "layer.2."))) }
    #expect(own.contains { differs($0, $0) } && !inherited.keys.contains { $0.contains("layer.1.") })
    let embeddings = "text.embeddings.word_embeddings.weight"
    #expect(!differs(embeddings, embeddings))
  }

  @Test func memoryIsToldWithoutTraining() throws {
    let stages = try pretraining(model + everything, "dry").memory()
    #expect(stages.map(\.stage) == ["pairs", "all"] && stages.map(\.pass) == [4, 2])
    for stage in stages {
      #expect(stage.bytes > 16 * stage.parameters && stage.parameters > 1000)
      #expect(try #require(stage.largestPass) > stage.pass)
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/dry"))
  }

  @Test func aScaledModelIsNarrowerAndNoDeeper() throws {
    let stage = "[stages.all]\nsteps = 1\nbatch = 4\nrate = 1e-3\n[stages.all.tasks]\nclassification = 1\n"
    func parameters(_ scale: String) throws -> [String: [Float]] {
      let text = model.replacingOccurrences(of: "[model]\n", with: "[model]\nscale = \(scale)\n") + stage
      return try MultimodalDirectory.read(pretraining(text, scale).run { _ in }).parameters
    }
    let (whole, half) = (try parameters("1"), try parameters("0.5"))
    #expect(half.values.reduce(0) { $0 + $1.count } < whole.values.reduce(0) { $0 + $1.count } / 2)
    #expect(half["text.encoder.layer.0.attention.self.query.weight"]?.count == 64)
    #expect(whole["text.encoder.layer.0.attention.self.query.weight"]?.count == 256)
    #expect(throws: (any Error).self) { try parameters("0") }
  }

  /// A directory of a text encoder that was trained for a moment.
  private func textTeacher() throws -> String {
    let text = """
      [data]
      directory = "SET"
      [model]
      embedding = 16
      [model.image]
      encoder = "vit"
      size = 8
      patch = 4
      hidden = 16
      layers = 1
      heads = 2
      [model.text]
      encoder = "bert"
      words = 40
      longest = 8
      hidden = 16
      layers = 1
      heads = 2
      [stages.all]
      steps = 40
      batch = 4
      rate = 1e-2
      [stages.all.tasks]
      image-text = 1
      """
    return try pretraining(text, "text-teacher").run { _ in }
  }

  @Test(arguments: [
    ("image-text = 1\n", "image-txt = 1\n", "stages.pairs.tasks.image-txt"),
    ("\nsteps = 6", "\nsteps = 0", "stages.pairs.steps"), ("pass = 2", "pass = 3", "stages.all.pass"),
    ("dropout = 0.2", "dropout = 1.2", "stages.all.dropout"), ("\"sigmoid\"", "\"cosine\"", "stages.pairs.contrast"),
    ("[data]", "[data]\narea = [1, 0.5]", "data.area"), ("[data]", "[data]\narea = [0.5]", "data.area"),
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
    let unseen = (model + everything).replacingOccurrences(of: "[stages.all]", with: "[stages.all]\nmodalities = [\"image\"]")
    #expect { _ = try pretraining(unseen, "w") } throws: { "\($0)".contains("no text") }
  }

  /// The stages that have not begun.
  @Test func laterStagesMayStillChange() throws {
    let parts = (model + everything).components(separatedBy: "[stages.all]")
    _ = try pretraining(parts[0], "grown").run { _ in }
    let grown = try pretraining(model + everything, "grown").run { _ in }
    let whole = try pretraining(model + everything, "whole").run { _ in }
    let (a, b) = (URL(fileURLWithPath: grown + "/model.safetensors"), URL(fileURLWithPath: whole + "/model.safetensors"))
    #expect(try Data(contentsOf: a) == Data(contentsOf: b))
    #expect { try pretraining(parts[0], "grown").run { _ in } } throws: { "\($0)".contains("another experiment") }
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
      pretraining(model + stage.replacingOccurrences(of: "1e-2", with: "1e-9"), "begun").run { _ in })
    let left = try MultimodalDirectory.read(pretraining(model + stage, "left").run { _ in })
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
      _ = try pretraining(model + stage, frozen.count.description).run { event in
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
    let wide = model.replacingOccurrences(of: "embedding = 16", with: "embedding = 16\nrates = [0.25, 0.5]")
    func trained(_ text: String, _ name: String) throws -> (path: String, losses: [[String: Double]]) {
      var losses: [[String: Double]] = []
      let path = try pretraining(text, name).run { event in
        if case .step(let report, _) = event { losses.append(report.loss.parts) }
      }
      return (path, losses)
    }
    func bits(_ losses: [[String: Double]]) -> Double { losses.suffix(40).compactMap { $0["rate"] }.reduce(0, +) }
    let (path, rated) = try trained(wide + stage("rate = 1"), "rated")
    let (_, free) = try trained(wide + stage("rate = 1e-6"), "free")
    #expect(bits(rated) > 0 && bits(rated) < 0.9 * bits(free), "\(bits(rated)) \(bits(free))")
    let model = try HuggingFaceModel(directory: path)
    #expect(model.ratePoints == RatePoints(tensors: ["image.rows.boundary"], shares: [0.25, 0.5]))
    #expect { _ = try pretraining(wide.replacingOccurrences(of: "bottleneck = 8\nmerged = 2", with: "") + stage(""), "w") } throws: {
      "\($0)".contains("model.rates")
    }
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
