import Autograd
import BundleFormat
import ModelGraph
import Models
import Preprocessing
import Randomness
import Training

/// The tasks of a stage over a model: the passes of a step, and what each loses.
struct StageTasks {
  private let stage: Stage
  private let tensors: MultimodalTensors
  private let inputs: StageInputs
  /// The rows of bottlenecks, with their widths, and the shares of their columns that shall be enough.
  private let narrow: [(tensor: TensorID, width: Int)]
  private let rates: [Double]
  private let corruption: Corruption
  /// Those over samples as they are.
  private let clean: [CleanTask]
  private let matching: MatchingTask?
  private let maskedText: MaskedTextTask?
  private let maskedImage: MaskedImageTask?
  private let maskedSound: MaskedSoundTask?

  /// The model has all that the tasks need.
  init(_ stage: Stage, _ model: MultimodalTraining, _ inputs: StageInputs) throws(PretrainingError) {
    self.stage = stage
    tensors = model.tensors
    self.inputs = inputs
    narrow = tensors.narrow(model.configuration)
    rates = model.configuration.rates
    corruption = Corruption(unknown: model.unknownToken)
    func weight(_ task: PretrainingTask) -> Float? { stage.tasks[task] }
    clean = PretrainingTask.all.compactMap { task in
      stage.tasks[task].flatMap { CleanTask(task, weight: $0, stage, model) }
    }
    matching = weight(.matching).map { MatchingTask(weight: $0) }
    let masking = stage.masking
    if let weight = weight(.maskedText) {
      guard let mask = model.maskToken else { throw .noMask }
      maskedText = MaskedTextTask(weight: weight, share: masking.text, mask: mask, vocabulary: model.vocabulary)
    } else {
      maskedText = nil
    }
    var (image, sound): (MaskedImageTask?, MaskedSoundTask?)
    for encoder in model.configuration.towers.map(\.encoder) {
      switch encoder {
      case .vision(let vision):
        image = weight(.maskedImage).map {
          MaskedImageTask(weight: $0, share: masking.image, size: vision.imageSize, patch: vision.patchSize)
        }
      case .wav2vec2(let configuration, _):
        let hop = configuration.features.reduce(1) { $0 * $1.stride }
        do throws(MediaError) {
          sound = try weight(.maskedSound).map { weight throws(MediaError) in
            try MaskedSoundTask(weight: weight, share: masking.sound, hop: hop, rate: model.description.sound?.rate ?? 16_000)
          }
        } catch {
          throw .preparation(.media(error))
        }
      case .mobileNet, .bert: break
      }
    }
    (maskedImage, maskedSound) = (image, sound)
  }

  /// Parameters of one element beside those of the graph, with what they begin with.
  static func scalars(_ stage: Stage) -> [(name: String, start: Float)] {
    PretrainingTask.all.flatMap { task -> [(name: String, start: Float)] in
      guard case .contrast(let a, let b) = task, stage.tasks[task] != nil else { return [] }
      return ContrastTask(first: a, second: b, kind: stage.contrast, weight: 0).scalars
    }
  }

  /// The passes of a batch. Those after the first may be made of what the first has found.
  func passes(_ samples: [PreparedSample], _ random: inout CounterRandom) -> [TrainingPass] {
    var passes: [TrainingPass] = []
    if stage.tasks.keys.contains(where: { !Self.masked.contains($0) }) {
      let shares = samples.map { sample in
        let left = dropped(sample, &random)
        return damaged(left, &random)
      }
      let matches = Matches(random: CounterRandom(seed: random.seed, stream: random.next()))
      let kept = keptColumns(&random)
      passes.append(pass(shares, matches, kept))
      if let matching { passes.append(matched(matching, matches, kept)) }
    }
    if stage.tasks.keys.contains(where: { Self.masked.contains($0) }) { passes.append(masked(samples, &random)) }
    return passes
  }

  /// Tasks with a pass of their own, whose examples are covered.
  private static let masked: Set<PretrainingTask> = [.maskedText, .maskedImage, .maskedSound]

  /// What the first pass leaves for that of matching.
  private final class Matches {
    var random: CounterRandom
    var batch: MatchingTask.Batch?

    init(random: CounterRandom) { self.random = random }
  }

  /// Columns of bottlenecks up to one of the rates, or all: each as often. (Rippel et al. 2014)
  private func keptColumns(_ random: inout CounterRandom) -> [TensorID: Int] {
    guard !rates.isEmpty, !narrow.isEmpty else { return [:] }
    let choice = Int(random.next() % UInt64(rates.count + 1))
    guard choice < rates.count else { return [:] }
    return Dictionary(uniqueKeysWithValues: narrow.map { ($0.tensor, RatePoints.columns(Float(rates[choice]), of: $0.width)) })
  }

  /// Without modalities that chance leaves out.
  private func dropped(_ sample: PreparedSample, _ random: inout CounterRandom) -> PreparedSample {
    guard stage.dropout > 0 else { return sample }
    let present = sample.modalities
    var left = present.filter { _ in random.uniform() >= stage.dropout }
    if left.isEmpty { left = [present[Int(random.next() % UInt64(present.count))]] }
    return sample.with(only: Set(left))
  }

  /// With one modality as it might arrive, by chance; of texts whose rows are given there are no others.
  private func damaged(_ sample: PreparedSample, _ random: inout CounterRandom) -> PreparedSample {
    guard stage.damage > 0, sample.modalities.count > 1, random.uniform() < stage.damage else { return sample }
    let choice = sample.modalities.filter { $0 != .text || inputs.texts == nil }
    return corruption.apply(to: sample, choice[Int(random.next() % UInt64(choice.count))], &random)
  }

  /// Of samples as they are.
  private func pass(_ samples: [PreparedSample], _ matches: Matches, _ kept: [TensorID: Int]) -> TrainingPass {
    TrainingPass(examples: { samples.map { inputs.example($0) } }, keptColumns: kept) { tape in
      let batch = TaskBatch(tape: tape, tensors: tensors, samples: samples)
      var loss = BatchLoss(0)
      for task in clean { loss.add(task.loss(batch), weight: task.weight, name: task.name) }
      matches.batch = matching?.batch(batch, random: &matches.random)
      return loss
    }
  }

  private func matched(_ task: MatchingTask, _ matches: Matches, _ kept: [TensorID: Int]) -> TrainingPass {
    TrainingPass(examples: { (matches.batch?.samples ?? []).map { inputs.example($0) } }, keptColumns: kept) { tape in
      guard let made = matches.batch else { return BatchLoss(0) }
      var loss = BatchLoss(0)
      let batch = TaskBatch(tape: tape, tensors: tensors, samples: made.samples)
      loss.add(task(batch, targets: made.targets), weight: task.weight, name: PretrainingTask.matching.name)
      return loss
    }
  }

  /// Masked text is told from all modalities, the others from themselves.
  private var maskedModalities: Set<Modality> {
    Self.masked.filter { stage.tasks[$0] != nil }.reduce(into: []) { $0.formUnion($1.modalities) }
  }

  private func masked(_ samples: [PreparedSample], _ random: inout CounterRandom) -> TrainingPass {
    var samples = samples
    var texts: [[Int32]] = []
    var images: [MaskedImageTask.Target] = []
    var sounds: [MaskedSoundTask.Target] = []
    for place in samples.indices {
      if let maskedText { texts.append(maskedText.cover(&samples[place], random: &random)) }
      if let maskedImage { images.append(maskedImage.cover(&samples[place], random: &random)) }
      if let maskedSound { sounds.append(maskedSound.cover(&samples[place], random: &random)) }
    }
    let modalities = maskedModalities
    let covered = samples.map { $0.with(only: modalities) }
    let (textTargets, imageTargets, soundTargets) = (texts, images, sounds)
    return TrainingPass(examples: { covered.map { inputs.example($0) } }) { tape in
      let batch = TaskBatch(tape: tape, tensors: tensors, samples: covered)
      var loss = BatchLoss(0)
      if let task = maskedText {
        loss.add(task(batch, targets: textTargets), weight: task.weight, name: PretrainingTask.maskedText.name)
      }
      if let task = maskedImage {
        loss.add(task(batch, targets: imageTargets), weight: task.weight, name: PretrainingTask.maskedImage.name)
      }
      if let task = maskedSound {
        loss.add(task(batch, targets: soundTargets), weight: task.weight, name: PretrainingTask.maskedSound.name)
      }
      return loss
    }
  }
}

/// A task that reads samples as they are.
private struct CleanTask {
  let name: String
  let weight: Float
  let loss: (TaskBatch) -> TaskLoss

  /// Nil for tasks with passes of their own, and for what the model does not put out.
  init?(_ task: PretrainingTask, weight: Float, _ stage: Stage, _ model: MultimodalTraining) {
    guard let loss = Self.loss(of: task, weight, stage, model) else { return nil }
    (name, self.weight, self.loss) = (task.name, weight, loss)
  }

  private static func loss(
    of task: PretrainingTask, _ weight: Float, _ stage: Stage, _ model: MultimodalTraining
  ) -> ((TaskBatch) -> TaskLoss)? {
    let tensors = model.tensors
    switch task {
    case .contrast(let a, let b): return ContrastTask(first: a, second: b, kind: stage.contrast, weight: weight).callAsFunction
    case .classification: return tensors.logits.map { ClassificationTask(logits: $0, weight: weight).callAsFunction }
    case .localClassification: return tensors.localLogits.map { ClassificationTask(logits: $0, weight: weight).callAsFunction }
    case .rate:
      return RateTask(tensors: tensors.narrow(model.configuration).map(\.tensor), weight: weight).callAsFunction
    case .caption: return CaptionTask(weight: weight).callAsFunction
    case .teacherEmbedding: return TeacherEmbeddingTask(weight: weight).callAsFunction
    case .teacherAffinity: return TeacherAffinityTask(weight: weight).callAsFunction
    case .teacherLogits: return tensors.logits.map { TeacherLogitTask(logits: $0, weight: weight).callAsFunction }
    case .teacherLocalLogits: return tensors.localLogits.map { TeacherLogitTask(logits: $0, weight: weight).callAsFunction }
    case .teacherRelations(let modality):
      return model.teacher.map { teacher in
        let heads = teacher.heads(ofRelations: modality, stage.relationHeads)
        return TeacherRelationTask(heads: heads, pairs: model.relations(modality), weight: weight).callAsFunction
      }
    case .teacherHidden:
      return model.teacher.map { TeacherRowTask(distance: .squared, heads: $0.heads(of: task), weight: weight).callAsFunction }
    case .teacherPrediction:
      return model.teacher.map { TeacherRowTask(distance: .prediction, heads: $0.heads(of: task), weight: weight).callAsFunction }
    case .matching, .maskedText, .maskedImage, .maskedSound: return nil
    }
  }
}

extension BatchLoss {
  fileprivate mutating func add(_ loss: TaskLoss, weight: Float, name: String) {
    total += Double(weight) * loss.loss
    parts[name] = loss.loss
    scores.merge(loss.scores) { $0 + $1 }
  }
}
