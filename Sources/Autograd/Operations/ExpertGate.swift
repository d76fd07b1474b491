import Glibc

/// Each row · the probability of its expert.
struct ExpertGate {
  func forward(_ x: Matrix, logits: Matrix) -> Matrix {
    Matrix(
      rows: x.rows, columns: x.columns,
      values: (0..<x.rows).flatMap { row in
        let scores = logits[row: row]
        let largest = scores.max() ?? 0
        let probability = 1 / scores.reduce(0) { $0 + expf($1 - largest) }
        return x[row: row].map { $0 * probability }
      })
  }
}
