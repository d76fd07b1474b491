import Autograd
package import BundleFormat
package import Dataset
package import Evaluation
import ModelGraph
import Randomness
package import Training

/// What a model of several modalities can do with samples that it has not learnt from.
package struct ModelEvaluation<Answers: MultimodalAnswers> {
  private var answers: Answers
  private let set: DatasetDirectory
  private let preparation: SamplePreparation
  private let inputs: ExampleInputs
  private let modalities: [Modality]
  private let unknown: Int32
  private let most: Int
  /// Called with how many of how many samples are done.
  private let progress: (Int, Int) -> Void

  private static var batch: Int { 32 }
  private static var seed: UInt64 { 1 }

  /// At most `most` samples of each split are looked at.
  package init(
    _ answers: Answers, set: DatasetDirectory, atMost most: Int, progress: @escaping (Int, Int) -> Void = { _, _ in }
  ) throws(PreparationError) {
    let isOfConcepts = !set.description.concepts.isEmpty
    for output in answers.graph.outputs where isOfConcepts && ["logits", "local.logits"].contains(answers.graph[output].name) {
      try set.check(labels: answers.graph[output].shape.width ?? 0)
    }
    self.answers = answers
    self.set = set
    preparation = try SamplePreparation(
      image: answers.image, sound: answers.sound, tokenizer: answers.tokenizer, rate: set.description.rate)
    self.most = most
    self.progress = progress
    inputs = ExampleInputs(answers.graph)
    modalities = [Modality.image, .sound, .text].filter { answers.graph.input(of: $0) != nil }
    unknown = answers.tokenizer?.options.unknown ?? 0
  }

  /// What the splits tell that the set has: of known concepts `renderings`, of those never seen `zero-shot`.
  package mutating func reports() throws -> [(split: String, report: EvaluationReport)] {
    var reports: [(split: String, report: EvaluationReport)] = []
    for split in set.description.splits.map(\.name) {
      switch split {
      case Self.known: reports.append((split, try knownConcepts(split: split)))
      case Self.unseen: reports.append((split, try heldOutConcepts(split: split)))
      default: break
      }
    }
    return reports
  }

  package static var known: String { "renderings" }
  private static var unseen: String { "zero-shot" }

  /// Retrieval between all modalities, and how often the fusion tells the concept: with each subset of the modalities, also where one of
  /// several is damaged. Of concepts that it knows, with voices and renderings that it does not.
  package mutating func knownConcepts(split: String) throws -> EvaluationReport {
    let samples = try samples(of: split)
    var report = EvaluationReport("\(split): \(samples.count) samples of known concepts")
    let concepts = samples.map(\.concept)
    let whole = try outputs(samples.map { inputs.example($0) })
    for (first, second) in pairs {
      guard let a = whole.matrix("\(first.rawValue)-embedding"), let b = whole.matrix("\(second.rawValue)-embedding") else { continue }
      report.add(MutualRetrieval(a, b, groups: concepts), first.rawValue, second.rawValue)
    }
    for logits in ["logits", "local.logits"] where whole.matrix(logits) != nil {
      try addSubsets(samples, logits, title: logits == "logits" ? "" : "local ", &report)
    }
    return report
  }

  /// How often an embedding is nearest to the prompts of its concept, among those of concepts that the model has never seen.
  package mutating func heldOutConcepts(split: String) throws -> EvaluationReport {
    let samples = try samples(of: split)
    var report = EvaluationReport("\(split): \(samples.count) samples of concepts never seen")
    let classes = Array(Set(samples.map(\.concept))).sorted()
    var prompts: [Matrix] = []
    for concept in classes {
      let texts = set.description.concepts[concept].prompts.compactMap { preparation.tokens($0) }
      if let matrix = try outputs(texts.map { Example(tokens: $0) }).matrix("text-embedding") { prompts.append(matrix) }
    }
    guard prompts.count == classes.count, !classes.isEmpty else { return report }
    let classifier = ZeroShotClassifier(prompts: prompts)
    let places = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    let targets = samples.map { places[$0.concept] ?? 0 }
    let whole = try outputs(samples.map { inputs.example($0) })
    var scores: [Matrix] = []
    for modality in modalities where modality != .text {
      guard let embeddings = whole.matrix("\(modality.rawValue)-embedding") else { continue }
      scores.append(classifier.scores(of: embeddings))
      report.add(Accuracy(scores[scores.count - 1], targets: targets), "zero-shot \(modality.rawValue) of \(classes.count)")
    }
    if scores.count == 2 {
      let sum = zip(scores[0].values, scores[1].values).map { $0 + $1 }
      let both = Matrix(rows: scores[0].rows, columns: scores[0].columns, values: sum)
      report.add(Accuracy(both, targets: targets), "zero-shot image+sound of \(classes.count)")
    }
    return report
  }

  /// The temperature at which the confidence of a fusion's answers, with whatever modalities, is how often they are right: of the local
  /// fusion where there is one, since a device decides by it. Fitted on every second sample; nil without a fusion.
  package mutating func confidence(split: String) throws -> Confidence? {
    let samples = try samples(of: split).enumerated().filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
    var (values, targets): ([Float], [Int]) = ([], [])
    for subset in subsets {
      let outputs = try outputs(samples.map { inputs.example($0, subset) })
      guard let matrix = outputs.matrix("local.logits") ?? outputs.matrix("logits") else { return nil }
      values += matrix.values
      targets += samples.map(\.concept)
    }
    guard !targets.isEmpty else { return nil }
    return .fitted(Matrix(rows: targets.count, columns: values.count / targets.count, values: values), targets: targets)
  }

  /// How far the confidence of the fusion, with all modalities, is from how often it is right; nil without a fusion.
  package mutating func calibration(split: String) throws -> CalibrationError? {
    let samples = try samples(of: split)
    guard let logits = try outputs(samples.map { inputs.example($0) }).matrix("logits") else { return nil }
    return CalibrationError(logits, targets: samples.map(\.concept), temperature: answers.temperature, bins: 10)
  }

  private var pairs: [(Modality, Modality)] {
    modalities.indices.flatMap { first in modalities.indices.dropFirst(first + 1).map { (modalities[first], modalities[$0]) } }
  }

  private mutating func addSubsets(
    _ samples: [PreparedSample], _ logits: String, title: String, _ report: inout EvaluationReport
  ) throws {
    let corruption = Corruption(unknown: unknown)
    for subset in subsets {
      let name = title + modalities.filter(subset.contains).map(\.rawValue).joined(separator: "+")
      try add(samples, subset, logits, name, &report)
      for modality in modalities where subset.contains(modality) && subset.count > 1 {
        let damaged = samples.map { corruption.apply(to: $0, modality, seed: Self.seed) }
        try add(damaged, subset, logits, "\(name), \(modality.rawValue) damaged", &report)
      }
    }
  }

  private mutating func add(
    _ samples: [PreparedSample], _ subset: Set<Modality>, _ logits: String, _ name: String, _ report: inout EvaluationReport
  ) throws {
    guard let matrix = try outputs(samples.map { inputs.example($0, subset) }).matrix(logits) else { return }
    let targets = samples.map(\.concept)
    report.add(Accuracy(matrix, targets: targets), name, top: [1])
    report.add(
      name, "calibration error", CalibrationError(matrix, targets: targets, temperature: answers.temperature).expected, of: targets.count)
  }

  /// Those of one modality first, all of them last.
  private var subsets: [Set<Modality>] {
    let all = (1..<1 << modalities.count).map { bits in Set(modalities.indices.filter { bits >> $0 & 1 == 1 }.map { modalities[$0] }) }
    return all.enumerated().sorted { ($0.element.count, $0.offset) < ($1.element.count, $1.offset) }.map(\.element)
  }

  private func samples(of split: String) throws -> [PreparedSample] {
    let (preparation, modalities) = (preparation, Set(modalities))
    let stream = try SampleStream(shards: set.shards(of: split), order: .stored, batch: Self.batch, seed: Self.seed)
    let loader = try Loader(stream) { sample, random throws(SampleFault) in try preparation.prepare(sample, modalities, &random) }
    return try loader.next(atMost: most)
  }

  /// Outputs of all examples, by name.
  private mutating func outputs(_ examples: [Example]) throws -> Outputs {
    var all: [[String: [Float]]] = []
    for start in stride(from: 0, to: examples.count, by: Self.batch) {
      all += try answers(Array(examples[start..<min(start + Self.batch, examples.count)]))
      progress(all.count, examples.count)
    }
    return Outputs(all: all)
  }

  private struct Outputs {
    let all: [[String: [Float]]]

    /// A row for each example; nil where one lacks the output.
    func matrix(_ name: String) -> Matrix? {
      let rows = all.compactMap { $0[name] }
      guard rows.count == all.count, let columns = rows.first?.count else { return nil }
      return Matrix(rows: rows.count, columns: columns, values: rows.flatMap { $0 })
    }
  }
}
