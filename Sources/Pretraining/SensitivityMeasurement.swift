package import Autograd
import BundleFormat
package import Dataset
import ModelGraph
package import Models
import Randomness
import Training

/// How much a model's answers depend on each element of its parameters: how much what it loses over a set of samples changes, to first
/// order, without the element. (Molchanov et al. 2019)
package struct SensitivityMeasurement {
  private let training: MultimodalTraining
  private let stage: Stage
  private let set: DatasetDirectory
  private let tokenizer: TokenizerDescription?
  private let workers: Workers
  private static let seed: UInt64 = 1

  /// Batches of so many samples of the split `train`, or of as many as the set has concepts: contrasts want each only once.
  package init(_ model: MultimodalDirectory, set: DatasetDirectory, batch: Int, workers: Workers) throws(PretrainingError) {
    do throws(PreparationError) { try set.check(labels: model.labels.count) } catch { throw .preparation(error) }
    let concepts = set.description.concepts.count { !$0.isHeldOut }
    stage = Stage(answersOf: model.description.configuration, batch: min(batch, max(concepts, 2)))
    training = try MultimodalTraining(
      model.description, tokenizer: model.tokenizer, heads: [], scalars: StageTasks.scalars(stage).map(\.name), isFolded: true)
    (self.set, self.workers, tokenizer) = (set, workers, model.tokenizer)
  }

  /// |weight · gradient| of each element, summed over so many batches, by the parameter's name. `progress` is called behind each.
  package func measure(
    _ parameters: [String: [Float]], batches: Int, progress: () -> Void = {}
  ) throws(PretrainingError) -> [String: [Float]] {
    let memory = training.program.parameters()
    memory.take(Dictionary(uniqueKeysWithValues: StageTasks.scalars(stage).map { ($0.name, [$0.start]) }))
    memory.take(parameters)
    let tape = Tape(training.program, parameters: memory, workers: workers, watching: Array(training.tensors.embeddings.values))
    let sums = ParameterMemory(training.program.layout)
    let tasks = try StageTasks(stage, training, StageInputs(training.graph))
    let loader = try loader()
    var random = CounterRandom(seed: Self.seed, stream: 0)
    for _ in 0..<batches {
      let samples = try dataset { () throws(DatasetError) in try loader.next() ?? [] }
      for pass in tasks.passes(samples, &random) {
        do throws(InterpreterError) { try tape.load(pass.examples()) } catch { throw .graph(error) }
        tape.forward()
        _ = pass.loss(tape)
        tape.backward()
      }
      if let gradients = tape.gradients { sums.add(memory, times: gradients) }
      progress()
    }
    return sums.named
  }

  private func loader() throws(PretrainingError) -> Loader<PreparedSample> {
    let description = training.description
    let modalities = stage.modalities(Set(description.configuration.towers.map(\.encoder.modality)))
    let preparation = try description.preparation(tokenizer: tokenizer, of: set)
    return try dataset { () throws(DatasetError) in
      let stream = try SampleStream(
        shards: set.shards(of: "train"), order: .shuffled(distinct: stage.hasContrast), batch: stage.batch, seed: Self.seed)
      return try Loader(stream) { sample, random throws(SampleFault) in try preparation.prepare(sample, modalities, &random) }
    }
  }
}

extension Stage {
  /// All tasks whose answers a device gives, with the same weight.
  fileprivate init(answersOf configuration: MultimodalConfiguration, batch: Int) {
    let answers = PretrainingTask.all.filter { task in
      switch task {
      case .contrast, .classification, .localClassification: task.obstacle(configuration) == nil
      case .rate, .matching, .maskedText, .maskedImage, .maskedSound, .caption, .teacherEmbedding, .teacherAffinity, .teacherLogits,
        .teacherLocalLogits, .teacherRelations, .teacherHidden, .teacherPrediction:
        false
      }
    }
    self.init(
      name: "answers", steps: 1, batch: batch, passSize: batch, schedule: RateSchedule(peak: 0, warmUp: 0, total: 1, floor: 0),
      optimizer: Optimizer.Settings(), longestGradient: 1, averageDecay: nil, frozen: [], rateFactors: [], chosen: nil, dropout: 0,
      damage: 0, balance: nil,
      contrast: .softmax, quantization: .afterwards, tasks: Dictionary(uniqueKeysWithValues: answers.map { ($0, 1) }), masking: Masking(),
      relationHeads: nil)
  }
}

extension ParameterMemory {
  /// Adds |a · b| of each element, and clears b.
  fileprivate func add(_ a: ParameterMemory, times b: ParameterMemory) {
    for place in 0..<memory.count { memory.start[place] += abs(a.memory.start[place] * b.memory.start[place]) }
    b.memory.values.update(repeating: 0)
  }
}
