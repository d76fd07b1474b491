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

/// What students learn from a teacher.
@Suite struct StudentTests {
  private let tiny: TinyExperiment

  init() throws { tiny = try TinyExperiment() }

  /// The student has another kind of image encoder, and narrower embeddings would do as well.
  @Test func aStudentLearnsFromWhatATeacherSaid() throws {
    let teacher = try tiny.pretraining(TinyExperiment.model + TinyExperiment.everything, "teacher").run { _ in }
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
    let text = TinyExperiment.model.replacingOccurrences(of: transformer, with: network) + stage
    var shards = 0
    let (_, losses) = try tiny.losses(text, "student") { if case .taught(let done, _) = $0 { shards = done } }
    #expect(shards == 1)
    let tasks = ["teacher-embedding", "teacher-affinity", "teacher-logits", "teacher-local-logits"]
    TinyExperiment.expectFall(losses, of: tasks, steps: 8, to: 0.8)
    let other = text.replacingOccurrences(of: "variants = 3", with: "variants = 2")
    #expect { _ = try tiny.pretraining(other, "student").run { _ in } } throws: { "\($0)".contains("another experiment") }
    let alone = (TinyExperiment.model + stage).replacingOccurrences(of: "[teacher]\nmodel = \"\(teacher)\"\nvariants = 3\n", with: "")
    #expect { _ = try tiny.experiment(alone) } throws: { "\($0)".contains("[teacher]") }
  }

  /// A wider, deeper teacher with the same tokens and the same rows of sound.
  private func deepTeacher() throws -> String {
    let wide = TinyExperiment.model.replacingOccurrences(
      of: "longest = 8\nhidden = 16\nlayers = 1", with: "longest = 8\nhidden = 24\nlayers = 4")
    let stage = "[stages.all]\nsteps = 20\nbatch = 4\nrate = 3e-3\n[stages.all.tasks]\nimage-text = 1\nsound-text = 1\n"
    return try tiny.pretraining(wide + stage, "deep-teacher").run { _ in }
  }

  private static let layered = """
    [stages.all]
    steps = 60
    batch = 4
    rate = 1e-2
    dropout = 0.3
    [stages.all.tasks]
    image-text = 0.1
    teacher-text-relations = 1
    teacher-text-hidden = 1
    teacher-sound-prediction = 1
    """

  @Test func aStudentLearnsFromTheLayersOfATeacher() throws {
    let teacher = "[teacher]\nmodel = \"\(try deepTeacher())\"\n"
    let (path, losses) = try tiny.losses(TinyExperiment.model + teacher + Self.layered, "student")
    let tasks = ["teacher-text-relations", "teacher-text-hidden", "teacher-sound-prediction"]
    TinyExperiment.expectFall(losses, of: tasks, steps: 8, to: 0.8)
    let names = try MultimodalDirectory.read(path).parameters.keys
    #expect(
      !names.contains { $0.hasPrefix("text.layers.") || $0.hasPrefix("sound.layers.") },
      "what predicts a teacher's layers is of no use later")
  }

  @Test func whatCannotBeLearntOfATeachersLayersIsSaid() throws {
    let teacher = "[teacher]\nmodel = \"\(try deepTeacher())\"\n"
    func failure(_ old: String, _ new: String, in text: String = TinyExperiment.model) -> String {
      do {
        _ = try tiny.pretraining(text + teacher + Self.layered.replacingOccurrences(of: old, with: new), "failure")
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(failure("dropout = 0.3", "relation_heads = 3").contains("relation_heads that divide 16 and 24"))
    let finer = TinyExperiment.model.replacingOccurrences(of: "strides = [5, 8]", with: "strides = [5, 4]")
    #expect(failure("", "", in: finer).contains("other rows of sound"))
    let words = TinyExperiment.model.replacingOccurrences(of: "tokenizer = \"SET\"", with: "words = 12")
    #expect(failure("", "", in: words).contains("other tokens"))
    #expect(failure("teacher-text-hidden", "teacher-text-hiden").contains("teacher-text-hidden"))
  }

  /// The teacher is a text encoder alone, of another width and with other words.
  @Test func aTextEncoderLearnsFromAnotherOfSentencesAlone() throws {
    let words = ["red", "green", "blue", "grey", "a", "the", "picture", "of"]
    let lines = (0..<60).map { number in
      (0..<1 + number % 4).map { words[(number * 5 + $0 * 3) % words.count] }.joined(separator: " ") + (number < 8 ? "" : " \(number)")
    }
    let texts = try tiny.folder.write("texts.txt", lines.joined(separator: "\n").utf8)
    let sentences = tiny.folder.path + "/sentences"
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
    let path = try tiny.pretraining(data + teacher + sizes, "text-student").run { _ in }
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
    let deep = TinyExperiment.model.replacingOccurrences(
      of: "longest = 8\nhidden = 16\nlayers = 1", with: "longest = 8\nhidden = 16\nlayers = 3")
    let stage = "[stages.all]\nsteps = 1\nbatch = 4\nrate = 1e-9\n[stages.all.tasks]\nimage-text = 1\n"
    let path = try tiny.pretraining(deep + stage, "deep").run { _ in }
    let whole = try MultimodalDirectory.read(path).parameters
    let shallow = TinyExperiment.model.replacingOccurrences(of: "tokenizer = \"SET\"", with: "tokenizer = \"SET\"\nfrom = \"\(path)\"")
    let inherited = try MultimodalDirectory.read(tiny.pretraining(shallow + stage, "shallow").run { _ in }).parameters
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
    return try tiny.pretraining(text, "text-teacher").run { _ in }
  }
}
