import Autograd
import BundleFormat
import Compression
package import Dataset
import ModelGraph
import Models
import Randomness
package import Training

/// What a stage tells while it runs.
package enum StageEvent: Sendable {
  /// A shard of what the teacher says is there.
  case taught(shards: Int, of: Int)
  /// A stage begins, or goes on after so many of its steps; `warnings` are states that could not be taken up.
  case began(stage: String, steps: Int, done: Int, warnings: [String])
  case step(StepReport, samples: Int)
  /// The mean recall of the held-out samples, over all directions that the stage's tasks have.
  case evaluated(step: Int, recall: Double)
  /// A group's gradients have nearly vanished.
  case vanishing(group: String)
  case ended(stage: String, faults: FaultTally)
}

/// Trains one stage, from its last kept state where there is one.
struct StageTraining {
  let experiment: Experiment
  let stage: Stage
  let set: DatasetDirectory
  /// The shards that are learnt from, and what a teacher says in them.
  let shards: [String]
  let teacher: TeacherDescription?
  /// Those of the teacher that the student's learn from.
  let layers: TeacherLayers?
  let description: MultimodalDescription
  let tokenizer: TokenizerDescription?
  /// Where states and events of the stage lie.
  let directory: String
  let workers: Workers

  private static let groups = ["image", "sound", "text", "fusion"].map { ParameterGroups.Group(name: $0, prefixes: [$0 + "."]) }

  /// Values that the model begins with, by name → those that the stage leaves.
  func run(
    _ start: [String: [Float]], tell: (StageEvent) throws(PretrainingError) -> Void
  ) throws(PretrainingError) -> [String: [Float]] {
    let model = try MultimodalTraining(stage, description, tokenizer, layers)
    let texts = model.givesTextRows ? try FrozenTexts(description, tokenizer: tokenizer, start, workers: workers) : nil
    let state = state(model, start)
    let (trainer, log, done) = try trainer(model, state, tell)
    if done < stage.steps { try train(trainer, model, StageInputs(model.graph, texts: texts), log, tell) }
    let kept = state.average ?? state.parameters
    model.program.round(kept, workers)
    return kept.named
  }

  /// Random numbers of stages lie apart.
  private func state(_ model: MultimodalTraining, _ start: [String: [Float]]) -> TrainingState {
    let parameters = model.program.initialParameters(seed: experiment.run.seed)
    parameters.take(Dictionary(uniqueKeysWithValues: StageTasks.scalars(stage).map { ($0.name, [$0.start]) }))
    parameters.take(start)
    model.program.startSteps(of: parameters)
    let optimizer = Optimizer(model.program.layout, settings: stage.optimizer, groups: stage.rateFactors)
    let stream = stage.name.utf8.reduce(1 as UInt64) { $0 &* 31 &+ UInt64($1) } | 1 << 62
    return TrainingState(
      parameters: parameters, optimizer: optimizer, averages: stage.averageDecay != nil,
      random: CounterRandom(seed: experiment.run.seed, stream: stream))
  }

  private func trainer(
    _ model: MultimodalTraining, _ state: TrainingState, _ tell: (StageEvent) throws(PretrainingError) -> Void
  ) throws(PretrainingError) -> (Trainer, EventLog, done: Int) {
    let settings = Trainer.Settings(
      schedule: stage.schedule, longestGradient: stage.longestGradient, averageDecay: stage.averageDecay ?? 0,
      modulation: stage.balance.map { Modulation(alpha: $0) })
    let (checkpoints, taken, log) = try training { () throws(TrainingError) in
      let checkpoints = try Checkpoints(directory: directory)
      let taken = try checkpoints.resume(state)
      let log = try EventLog(directory: directory, goingOnFrom: taken == nil ? nil : state.optimizer.steps)
      return (checkpoints, taken, log)
    }
    let done = state.optimizer.steps
    try tell(.began(stage: stage.name, steps: stage.steps, done: done, warnings: taken?.skipped.map { "\($0)" } ?? []))
    let tape = Tape(model.program, parameters: state.parameters, workers: workers, watching: model.watched(by: stage))
    return (Trainer(tape: tape, state: state, settings: settings, groups: Self.groups, checkpoints: checkpoints), log, done)
  }

  private func train(
    _ trainer: Trainer, _ model: MultimodalTraining, _ inputs: StageInputs, _ log: EventLog,
    _ tell: (StageEvent) throws(PretrainingError) -> Void
  ) throws(PretrainingError) {
    let tasks = try StageTasks(stage, model, inputs)
    let loader = try loader(model, from: trainer.state.cursor)
    let recall = try HeldOutRecall(experiment, stage, set, try preparation(augments: false), inputs)
    var warned: Set<String> = []
    var cost = try StageCost(directory: directory)
    var start = ContinuousClock.now
    while trainer.state.optimizer.steps < stage.steps {
      let samples = try dataset { () throws(DatasetError) in try loader.next() ?? [] }
      try inputs.texts?.learn(samples)
      let passes = stride(from: 0, to: samples.count, by: stage.passSize).flatMap {
        tasks.passes(Array(samples[$0..<min($0 + stage.passSize, samples.count)]), &trainer.state.random)
      }
      let report = try training { () throws(TrainingError) in try trainer.step(passes) }
      trainer.state.cursor = loader.cursor
      let step = trainer.state.optimizer.steps
      try training { () throws(TrainingError) in try log.write(step: step, report.scalars.map { ($0.tag, .scalar($0.value)) }) }
      try tell(.step(report, samples: samples.count))
      for group in report.groups where group.isVanishing && warned.insert(group.name).inserted { try tell(.vanishing(group: group.name)) }
      cost.steps = step
      cost.samples += samples.count
      guard try keep(trainer, recall, model, log, tell) else { continue }
      cost.seconds += (ContinuousClock.now - start) / .seconds(1)
      start = .now
      try cost.write(to: directory)
    }
    try tell(.ended(stage: stage.name, faults: loader.faults))
  }

  private func loader(_ model: MultimodalTraining, from cursor: SampleCursor) throws(PretrainingError) -> Loader<PreparedSample> {
    let modalities = stage.modalities(Set(description.configuration.towers.map(\.encoder.modality)))
    let preparation = try preparation(augments: experiment.data.augments)
    let teacher = teacher
    return try dataset { () throws(DatasetError) in
      let stream = try SampleStream(
        shards: shards, order: .shuffled(distinct: stage.hasContrast), batch: stage.batch,
        seed: experiment.run.seed, from: cursor)
      return try Loader(stream, limit: FaultLimit(share: experiment.data.faults)) { sample, random throws(SampleFault) in
        guard let teacher else { return try preparation.prepare(sample, modalities, &random) }
        return try preparation.prepare(sample, modalities, teacher, &random)
      }
    }
  }

  private func preparation(augments: Bool) throws(PretrainingError) -> SamplePreparation {
    try description.preparation(tokenizer: tokenizer, of: set, ranges: augments ? experiment.data.ranges(of: set) : nil)
  }

  /// Evaluates and keeps the state at the steps for it, and at the last. Returns whether it was kept.
  private func keep(
    _ trainer: Trainer, _ recall: HeldOutRecall?, _ model: MultimodalTraining, _ log: EventLog,
    _ tell: (StageEvent) throws(PretrainingError) -> Void
  ) throws(PretrainingError) -> Bool {
    let step = trainer.state.optimizer.steps
    let isLast = step == stage.steps
    var score: Double?
    if let recall, isLast || step.isMultiple(of: experiment.run.evaluationSteps) {
      let found = try recall.measure(model, trainer.state.average ?? trainer.state.parameters, workers)
      try training { () throws(TrainingError) in try log.write(step: step, [("recall", .scalar(found))]) }
      try tell(.evaluated(step: step, recall: found))
      score = found
    }
    guard isLast || score != nil || step.isMultiple(of: experiment.run.checkpointSteps) else { return false }
    try training { () throws(TrainingError) in _ = try trainer.checkpoints?.save(trainer.state, score: score) }
    return true
  }
}

extension MultimodalDescription {
  /// How samples of a set become its inputs, changed as far as `ranges` say.
  func preparation(
    tokenizer: TokenizerDescription?, of set: DatasetDirectory, ranges: AugmentationRanges? = nil
  ) throws(PretrainingError) -> SamplePreparation {
    do throws(PreparationError) {
      return try SamplePreparation(image: image, sound: sound, tokenizer: tokenizer, rate: set.description.rate, ranges: ranges)
    } catch {
      throw .preparation(error)
    }
  }
}

extension Experiment.Data {
  /// How far samples of a set are changed.
  func ranges(of set: DatasetDirectory) -> AugmentationRanges {
    var ranges = AugmentationRanges()
    ranges.mirrors = set.description.allowsMirroring
    ranges.area = area
    return ranges
  }
}

extension Stage {
  /// Whether batches must not have a concept twice: its samples would be told apart though they belong together.
  var hasContrast: Bool {
    tasks.keys.contains { if case .contrast = $0 { true } else { false } }
  }
}

/// Runs what a training throws of.
func training<Result>(_ body: () throws(TrainingError) -> Result) throws(PretrainingError) -> Result {
  do throws(TrainingError) { return try body() } catch { throw .training(error) }
}

/// Runs what a set of samples throws of.
func dataset<Result>(_ body: () throws(DatasetError) -> Result) throws(PretrainingError) -> Result {
  do throws(DatasetError) { return try body() } catch { throw .dataset(error) }
}
