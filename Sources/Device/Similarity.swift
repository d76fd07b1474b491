/// The products of unit vectors with a unit vector, in an order that is the same everywhere.
package func similarities(of embedding: [Float], to labels: [[Float]]) -> [Float] {
  labels.map { label in zip(embedding, label).reduce(Float(0)) { $0 + $1.0 * $1.1 } }
}
