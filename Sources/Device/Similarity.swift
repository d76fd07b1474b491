import CMath

/// The products of unit vectors with a unit vector, in an order that is the same everywhere.
package func similarities(of embedding: [Float], to labels: [[Float]]) -> [Float] {
  labels.map { label in zip(embedding, label).reduce(Float(0)) { $0 + $1.0 * $1.1 } }
}

/// The softmax of logits. (Not part of the model: by the system's own exponential.)
package func probabilities(of logits: [Float]) -> [Float] {
  let largest = logits.reduce(-Float.infinity) { max($0, $1) }
  let powers = logits.map { Float(exp(Double($0 - largest))) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}
