/// How the outputs of an answer score labels, in the labels' order.
package enum LabelScores {
  /// How alike the answer's embedding is to each label's.
  case likeness([Float])
  /// Of a classifier of as many labels.
  case logits([Float])

  /// By the first embedding where labels have embeddings, else by logits of `count` labels; nil where there are neither.
  package init?(of outputs: [Output], labels: [[Float]], count: Int) {
    if !labels.isEmpty, let embedding = outputs.first(where: { $0.isEmbedding }) {
      self = .likeness(similarities(of: embedding.values, to: labels))
    } else if count > 0, let logits = outputs.first(where: { $0.values.count == count }) {
      self = .logits(logits.values)
    } else {
      return nil
    }
  }

  /// The softmax at a temperature.
  package func confidences(temperature: Float) -> [Float] {
    switch self {
    case .likeness(let scores), .logits(let scores): probabilities(of: scores.map { $0 / temperature })
    }
  }
}
