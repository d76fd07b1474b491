import Autograd
import Glibc
import ModelGraph
import Training

/// Embeddings of two modalities find each other among those of a batch, where examples have both.
struct ContrastTask {
  let first: Modality
  let second: Modality
  let kind: Stage.Contrast
  let weight: Float

  /// Parameters of one element that it needs, with what they begin with. (Radford et al. 2021; Zhai et al. 2023)
  var scalars: [(name: String, start: Float)] {
    switch kind {
    case .softmax: [("\(name).scale", logf(1 / 0.07))]
    case .sigmoid: [("\(name).scale", logf(10)), ("\(name).bias", -10)]
    }
  }

  private var name: String { "\(first.rawValue)-\(second.rawValue)" }

  func callAsFunction(_ batch: TaskBatch) -> TaskLoss {
    guard let pairs = batch.pairs(first, second) else { return TaskLoss(loss: 0) }
    let slopes = (
      a: pairs.gradients.a.map { GatheredRows(places: pairs.a.places, columns: $0.columns) },
      b: pairs.gradients.b.map { GatheredRows(places: pairs.b.places, columns: $0.columns) }
    )
    let loss = loss(batch, pairs.a.rows, pairs.b.rows, (slopes.a?.rows, slopes.b?.rows))
    if let target = pairs.gradients.a { slopes.a?.scatter(to: target, keep: 1) }
    if let target = pairs.gradients.b { slopes.b?.scatter(to: target, keep: 1) }
    return TaskLoss(loss: loss, scores: scores(pairs.a.rows, pairs.b.rows, batch))
  }

  private func loss(_ batch: TaskBatch, _ a: Rows, _ b: Rows, _ gradients: (a: Rows?, b: Rows?)) -> Double {
    let scale = batch.scalar("\(name).scale")
    switch kind {
    case .softmax:
      let found = ContrastiveLoss()(a, b, logScale: scale, gradients: gradients, weight: weight, workers: batch.workers)
      batch.addGradient(weight * found.logScaleGradient, toScalar: "\(name).scale")
      return found.loss
    case .sigmoid:
      let found = SigmoidLoss()(a, b, logScale: scale, bias: batch.scalar("\(name).bias"), gradients: gradients, weight: weight)
      batch.addGradient(found.logScaleGradient, toScalar: "\(name).scale")
      batch.addGradient(found.biasGradient, toScalar: "\(name).bias")
      return found.loss
    }
  }

  /// How well a modality finds the texts; pairs without text tell nothing of one modality alone.
  private func scores(_ a: Rows, _ b: Rows, _ batch: TaskBatch) -> [String: Double] {
    guard second == .text else { return [:] }
    let scale = min(expf(batch.scalar("\(name).scale")), ContrastiveLoss.largestScale)
    let logits = Similarities(a, b, scale: scale, workers: batch.workers)
    return [first.rawValue: Modulation.score(logits.rows, targets: (0..<a.rows).map { Int32($0) })]
  }
}
