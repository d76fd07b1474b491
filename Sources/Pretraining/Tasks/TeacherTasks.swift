import Autograd
import ModelGraph
import Models
import Training

/// Embeddings are where the teacher's are. (Yang et al. 2024: this alone gives most of what distilling CLIP gives)
struct TeacherEmbeddingTask {
  let weight: Float

  func callAsFunction(_ batch: TaskBatch) -> TaskLoss {
    var loss = 0.0
    for (modality, id) in batch.tensors.embeddings.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      guard let rows = batch.tape[id], rows.rows > 0 else { continue }
      let present = batch.samples.indices.filter { !rows.layout[$0].isEmpty }
      let targets = present.flatMap { batch.samples[$0].teacher["\(modality.rawValue)-embedding"] ?? [] }
      guard targets.count == rows.count else { continue }
      loss += CosineDistance()(rows, targets: targets, gradient: batch.tape.gradient(of: id), weight: weight)
    }
    return TaskLoss(loss: loss)
  }
}

/// Pairs are as alike as for the teacher, whatever the width of its embeddings.
struct TeacherAffinityTask {
  let weight: Float
  /// Each with the texts.
  private static let modalities: [Modality] = [.image, .sound]

  func callAsFunction(_ batch: TaskBatch) -> TaskLoss {
    var loss = 0.0
    for modality in Self.modalities {
      guard let pairs = batch.pairs(modality, .text), let a = teacher("\(modality.rawValue)-embedding", pairs, batch),
        let b = teacher("text-embedding", pairs, batch)
      else { continue }
      let slopes = (
        a: pairs.gradients.a.map { GatheredRows(places: pairs.a.places, columns: $0.columns) },
        b: pairs.gradients.b.map { GatheredRows(places: pairs.b.places, columns: $0.columns) }
      )
      loss += AffinityLoss()(
        pairs.a.rows, pairs.b.rows, teacher: (a.rows, b.rows), gradients: (slopes.a?.rows, slopes.b?.rows), weight: weight,
        workers: batch.workers)
      if let target = pairs.gradients.a { slopes.a?.scatter(to: target, keep: 1) }
      if let target = pairs.gradients.b { slopes.b?.scatter(to: target, keep: 1) }
    }
    return TaskLoss(loss: loss)
  }

  private func teacher(_ output: String, _ pairs: EmbeddingPairs, _ batch: TaskBatch) -> GatheredRows? {
    let rows = pairs.samples.compactMap { batch.samples[$0].teacher[output] }
    guard rows.count == pairs.samples.count, let columns = rows.first?.count, columns > 0 else { return nil }
    return GatheredRows(rows, columns: columns)
  }
}

/// Logits are as the teacher's, softened. (Hinton et al. 2015)
struct TeacherLogitTask {
  let logits: TensorID
  let weight: Float
  private static let temperature: Float = 2

  func callAsFunction(_ batch: TaskBatch) -> TaskLoss {
    guard let rows = batch.tape[logits] else { return TaskLoss(loss: 0) }
    let present = batch.samples.indices.filter { !rows.layout[$0].isEmpty }
    let targets = present.flatMap { batch.samples[$0].teacher["logits"] ?? [] }
    guard targets.count == rows.count else { return TaskLoss(loss: 0) }
    let divergence = KullbackLeibler(temperature: Self.temperature)
    return TaskLoss(loss: divergence(rows, teacher: targets, gradient: batch.tape.gradient(of: logits), weight: weight))
  }
}
