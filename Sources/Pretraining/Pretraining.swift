package import Autograd
import BundleFormat
import Dataset
import Distillation
import Glibc
import JSONFormat
import ModelGraph
import Models
import Training

/// Pretrains the model of an experiment, stage after stage. What was begun in the directory goes on where it was left, with the same bits
/// as if it had never stopped.
package struct Pretraining {
  private let experiment: Experiment
  private let directory: String
  private let workers: Workers
  private let set: DatasetDirectory
  private let description: MultimodalDescription
  private let tokenizer: TokenizerDescription?
  /// All of the model, in the form in which it is written in the end.
  private let model: MultimodalTraining
  private let teacher: HuggingFaceModel?
  private let layers: TeacherLayers?
  /// Parameters by name where the experiment goes on with a model as it is, else none.
  private let whole: [String: [Float]]

  /// Reads the set's description, the tokenizer and the teacher, and checks that the model can learn what each stage wants.
  package init(_ experiment: Experiment, directory: String, workers: Workers) throws(PretrainingError) {
    self.experiment = experiment
    self.directory = directory
    self.workers = workers
    let set = try dataset { () throws(DatasetError) in try DatasetDirectory(experiment.data.directory) }
    self.set = set
    do throws(ImportError) {
      teacher = try experiment.teacher.map { teacher throws(ImportError) in try HuggingFaceModel(directory: teacher.model) }
      (description, tokenizer, whole) = try Self.model(experiment.model, set, split: experiment.data.split)
    } catch {
      throw .experiment(error)
    }
    if let graph = teacher?.graph, let logits = graph.outputs.first(where: { graph[$0].name == "logits" }) {
      do throws(PreparationError) { try set.check(labels: graph[logits].shape.width ?? 0) } catch { throw .teacher(error) }
    }
    let model = try MultimodalTraining(description, tokenizer: tokenizer)
    self.model = model
    layers = teacher.map { [tokenizer] in TeacherLayers(of: $0, for: model.graph, tokenizer) }
    let names = model.program.layout.entries.map(\.name)
    for stage in experiment.stages {
      if let unknown = stage.frozen.first(where: { prefix in !names.contains { $0.hasPrefix(prefix) } }) {
        throw .unknownParameters(stage: stage.name, unknown)
      }
      for task in PretrainingTask.all where stage.tasks[task] != nil {
        let missing = task.obstacle(stage.part(of: description.configuration))
        guard let obstacle = missing ?? layers?.obstacle(task, relationHeads: stage.relationHeads) else { continue }
        throw .impossible(stage: stage.name, task: task.name, obstacle: obstacle)
      }
    }
  }

  /// A text encoder's: of `words` words of the set, of the directory `tokenizer`, or else of that which it begins with.
  private static func tokenizer(_ text: Field, _ set: DatasetDirectory, split: String) throws(ImportError) -> TokenizerDescription {
    let longest = try text["longest"].integer(MultimodalDescription.textLengths)
    guard !text["words"].isAbsent else {
      return try TokenizerDescription(directory: try text[text["tokenizer"].isAbsent ? "from" : "tokenizer"].string(), longest: longest)
    }
    let words = try text["words"].integer(1...1 << 20)
    do throws(DatasetError) {
      return try SetVocabulary.make(set.shards(of: split), set.description, words: words, longest: longest)
    } catch {
      throw text["words"].wrong("absent, as the words of \(set.path) cannot be read: \(error)")
    }
  }

  /// What the experiment tells of its model: sizes, or the directory of one that was written.
  static func model(
    _ given: Field, _ set: DatasetDirectory, split: String
  ) throws(ImportError) -> (MultimodalDescription, TokenizerDescription?, [String: [Float]]) {
    let labels = set.description.concepts.count
    guard given["from"].isAbsent else {
      let fields = given
      try fields.expect(members: ["from"])
      let (model, parameters) = try MultimodalDirectory.read(fields["from"].string())
      guard model.labels.count == labels else { throw fields["from"].wrong("a model of the set's \(labels) concepts") }
      return (model.description, model.tokenizer, parameters)
    }
    let scale = try given["scale"].number(0.01...1, default: 1)
    let fields = try given.without("scale").scaled(by: scale)
    let text = fields["text"]
    let tokenizer = try text.isAbsent ? nil : Self.tokenizer(text, set, split: split)
    return (try MultimodalDescription(fields, vocabulary: tokenizer?.tokens.count, labels: labels), tokenizer, [:])
  }

  /// Trains all stages, and writes `model` in the directory, which `tributary-train import` takes. Returns its path.
  package func run(tell: (StageEvent) throws(PretrainingError) -> Void) throws(PretrainingError) -> String {
    try claimDirectory()
    let (shards, teacher) = try shards(tell)
    var values = model.program.initialParameters(seed: experiment.run.seed).named
    values.merge(try givenValues()) { $1 }
    for stage in experiment.stages {
      let training = StageTraining(
        experiment: experiment, stage: stage, set: set, shards: shards, teacher: teacher, layers: layers, description: description,
        tokenizer: tokenizer,
        directory: "\(directory)/stages/\(stage.name)", workers: workers)
      let trained = try training.run(values, tell: tell)
      values.merge(trained) { $1 }
    }
    let parameters = model.program.parameters()
    parameters.take(values)
    let path = directory + "/model"
    try model.write(parameters, labels: set.description.concepts.map(\.name), to: path)
    return path
  }

  /// What each stage takes of memory.
  package func memory() throws(PretrainingError) -> [StageMemory] {
    var stages: [StageMemory] = []
    for stage in experiment.stages { stages.append(try StageMemory(stage, description, tokenizer, layers)) }
    return stages
  }

  /// The shards to learn from: the set's own, or those with what the teacher says, which are made first.
  private func shards(
    _ tell: (StageEvent) throws(PretrainingError) -> Void
  ) throws(PretrainingError) -> ([String], TeacherDescription?) {
    guard let given = experiment.teacher, let teacher else {
      return (try dataset { () throws(DatasetError) in try set.shards(of: experiment.data.split) }, nil)
    }
    var failure: PretrainingError?
    let made: (shards: [String], teacher: TeacherDescription)
    do throws(ReinforcementError) {
      let reinforcement = try Reinforcement(
        of: teacher, called: given.model, layers: layers?.outputs(of: experiment.stages) ?? [], set: set, split: experiment.data.split,
        directory: directory + "/reinforced",
        variants: given.variants, seed: experiment.run.seed, ranges: experiment.data.augments ? experiment.data.ranges(of: set) : nil,
        faults: FaultLimit(share: experiment.data.faults), workers: workers)
      made = try reinforcement.run { done, all in
        do throws(PretrainingError) { try tell(.taught(shards: done, of: all)) } catch { failure = failure ?? error }
      }
    } catch {
      throw .reinforcement(error)
    }
    if let failure { throw failure }
    return (made.shards, made.teacher)
  }

  /// Makes the directory, and writes into it which experiment it belongs to.
  private func claimDirectory() throws(PretrainingError) {
    for path in [directory, directory + "/stages"] {
      guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .directory(path: path, reason: String(cString: strerror(errno))) }
    }
    let file = directory + "/experiment.json"
    if ModelFile.exists(file) {
      let found: Json
      do throws(ImportError) { found = try ModelFile.json(file).value ?? .null } catch { throw .experiment(error) }
      guard begun(found).text == begun(experiment.entries).text else { throw .otherExperiment(directory: directory) }
    }
    do throws(BundleError) { try NewFile.write(Array(experiment.entries.text.utf8), to: file) } catch {
      throw .training(.unwritable(error))
    }
  }

  /// Entries without those of the stages behind the last that has begun: these may still change.
  private func begun(_ entries: Json) -> Json {
    guard case .object(let stages)? = entries["stages"] else { return entries }
    let end = stages.lastIndex { ModelFile.exists("\(directory)/stages/\($0.key)") }.map { $0 + 1 } ?? 0
    return entries.replacing(["stages"], with: .object(Array(stages[..<end])))
  }

  /// Parameters of the encoders that begin with those of another model.
  private func givenValues() throws(PretrainingError) -> [String: [Float]] {
    var values = whole
    for encoder in description.configuration.towers.map(\.encoder) {
      let name = encoder.modality.rawValue
      let field = experiment.model[name]["from"]
      guard !field.isAbsent else { continue }
      do throws(ImportError) {
        let model = try HuggingFaceModel(directory: try field.string())
        let inheritance = Inheritance(model.parameters.map { (model.graph[$0].name, $1) }, to: encoder)
        values.merge(inheritance.values) { $1 }
      } catch {
        throw .experiment(error)
      }
    }
    try checkAllTaken(values)
    return values
  }

  /// An encoder that begins with another model's parameters has a value for each of its own.
  private func checkAllTaken(_ values: [String: [Float]]) throws(PretrainingError) {
    let ends = ["bottleneck.", "projection."]
    for encoder in description.configuration.towers.map(\.encoder) where !experiment.model[encoder.modality.rawValue]["from"].isAbsent {
      let name = encoder.modality.rawValue
      let missing = model.program.layout.entries.first { entry in
        entry.name.hasPrefix(name + ".") && !ends.contains { entry.name.hasPrefix("\(name).\($0)") }
          && values[entry.name]?.count != entry.range.count
      }
      guard let missing else { continue }
      throw .nothingTaken(from: (try? experiment.model[name]["from"].string()) ?? "", encoder: name, expected: missing.name)
    }
  }
}
