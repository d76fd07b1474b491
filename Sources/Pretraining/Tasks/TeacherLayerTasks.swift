import Autograd
import ModelGraph
import Models
import Training

/// Queries, keys and values of the last layer relate to each other as the teacher's do. (Wang et al. 2020, MiniLMv2)
struct TeacherRelationTask {
  let heads: Int
  /// Of the student, and what is known of the teacher.
  let pairs: [(tensor: TensorID, target: LayerOutput, width: Int)]
  let weight: Float

  /// The sum over queries, keys and values.
  func callAsFunction(_ batch: TaskBatch) -> TaskLoss {
    TaskLoss(
      loss: pairs.reduce(0) { sum, pair in
        guard let rows = batch.tape[pair.tensor] else { return sum }
        let taught = batch.taught(pair.target, width: pair.width, as: rows)
        return sum
          + RelationLoss(heads: heads)(
            rows, teacher: taught, gradient: batch.tape.gradient(of: pair.tensor), weight: weight, workers: batch.workers)
      })
  }
}

/// Rows of layers tell, by a product for each, those of the teacher's layers.
struct TeacherRowTask {
  /// How far they are from them.
  enum Distance {
    /// The sum over layers of the mean squared error. (Jiao et al. 2019, TinyBERT)
    case squared
    /// The mean over layers. (Chang et al. 2021, DistilHuBERT)
    case prediction
  }

  let distance: Distance
  let heads: [LayerHead]
  let weight: Float

  func callAsFunction(_ batch: TaskBatch) -> TaskLoss {
    let share = distance == .squared ? 1 : 1 / Float(max(heads.count, 1))
    return TaskLoss(loss: heads.reduce(0) { $0 + Double(share) * loss(of: $1, batch, weight * share) })
  }

  private func loss(of head: LayerHead, _ batch: TaskBatch, _ weight: Float) -> Double {
    guard let id = batch.tensors.heads.layers[head], let rows = batch.tape[id] else { return 0 }
    let taught = batch.taught(head.target, width: head.width, as: rows)
    let known = taught.indices.filter { !taught[$0].isEmpty }
    let own = GatheredRows(rows, known.flatMap { Array(rows.layout[$0]) })
    let targets = known.flatMap { taught[$0] }
    let gradient = batch.tape.gradient(of: id)
    let slope = gradient.map { _ in GatheredRows(places: own.places, columns: rows.columns) }
    defer { if let gradient { slope?.scatter(to: gradient, keep: 1) } }
    switch distance {
    case .squared: return MeanSquaredError()(own.rows, targets: targets, gradient: slope?.rows, weight: weight)
    case .prediction: return LayerPredictionLoss()(own.rows, targets: targets, gradient: slope?.rows, weight: weight)
    }
  }
}

extension TaskBatch {
  /// What the teacher's layer made of each sample; nothing of those whose rows are others, as of a text that it cut elsewhere.
  fileprivate func taught(_ output: LayerOutput, width: Int, as rows: Rows) -> [[Float]] {
    samples.indices.map { place in
      let values = samples[place].teacher[output.name] ?? []
      return values.count == rows.layout[place].count * width ? values : []
    }
  }
}
