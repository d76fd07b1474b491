import Autograd
import Dataset
import Evaluation
import ModelGraph
import Models
import Training

/// How well a model finds the other modality of samples that it has not learnt from: the mean recall of the first, over both directions
/// of each pair that a stage contrasts.
struct HeldOutRecall {
  private let samples: [PreparedSample]
  private let pairs: [(Modality, Modality)]
  private let inputs: StageInputs
  private static let batch = 32

  /// Nil where the stage contrasts nothing.
  init?(
    _ experiment: Experiment, _ stage: Stage, _ set: DatasetDirectory, _ preparation: SamplePreparation, _ inputs: StageInputs
  ) throws(PretrainingError) {
    pairs = stage.tasks.keys.compactMap { if case .contrast(let a, let b) = $0 { (a, b) } else { nil } }
    guard !pairs.isEmpty else { return nil }
    let modalities = Set(pairs.flatMap { [$0.0, $0.1] })
    let count = experiment.run.evaluationSamples
    samples = try dataset { () throws(DatasetError) in
      let stream = try SampleStream(
        shards: set.shards(of: experiment.run.evaluationSplit), order: .stored, batch: Self.batch, seed: experiment.run.seed)
      let loader = try Loader(stream, limit: FaultLimit(share: experiment.data.faults)) { sample, random throws(SampleFault) in
        try preparation.prepare(sample, modalities, &random)
      }
      return try loader.next(atMost: count)
    }
    self.inputs = inputs
  }

  func measure(_ model: MultimodalTraining, _ parameters: ParameterMemory, _ workers: Workers) throws(PretrainingError) -> Double {
    let tape = Tape(
      model.program, parameters: parameters, workers: workers, isTraining: false, watching: Array(model.tensors.embeddings.values))
    var found: [Modality: [Float]] = [:]
    for start in stride(from: 0, to: samples.count, by: Self.batch) {
      let batch = samples[start..<min(start + Self.batch, samples.count)]
      try inputs.texts?.learn(Array(batch))
      do throws(InterpreterError) { try tape.load(batch.map { inputs.example($0) }) } catch { throw .graph(error) }
      tape.forward(isTraining: false)
      for (modality, id) in model.tensors.embeddings {
        guard let rows = tape[id], rows.rows > 0 else { continue }
        found[modality, default: []] += rows.matrix.values
      }
    }
    let concepts = samples.map(\.concept)
    let recalls = pairs.compactMap { a, b -> Double? in
      guard let first = found[a], let second = found[b] else { return nil }
      func matrix(_ values: [Float]) -> Matrix { Matrix(rows: concepts.count, columns: values.count / concepts.count, values: values) }
      let both = MutualRetrieval(matrix(first), matrix(second), groups: concepts)
      return (both.forward.recall(at: 1) + both.backward.recall(at: 1)) / 2
    }
    return recalls.isEmpty ? 0 : recalls.reduce(0, +) / Double(recalls.count)
  }
}
