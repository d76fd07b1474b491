import CFloatKernels

/// How far a student's softmax is from a teacher's, both at a temperature: T² · Σ p (log p − log q), mean over the rows.
/// (Hinton et al. 2015)
package struct KullbackLeibler: Sendable {
  package var temperature: Float

  package init(temperature: Float = 1) { self.temperature = temperature }

  /// `teacher` are logits, row-major. Adds weight · gradient. 0 where there are no rows.
  package func callAsFunction(_ student: Rows, teacher: [Float], gradient: Rows?, weight: Float = 1) -> Double {
    precondition(teacher.count == student.count, "\(teacher.count) logits of the teacher for \(student.count)")
    let width = student.columns
    return (0..<student.rows).reduce(0) { sum, row in
      let p = logProbabilities((0..<width).map { teacher[row * width + $0] })
      let q = logProbabilities((0..<width).map { student.row(row)[$0] })
      let share = 1 / Float(student.rows)
      for column in 0..<width {
        gradient?.row(row)[column] += weight * share * temperature * (q.probabilities[column] - p.probabilities[column])
      }
      let loss = (0..<width).reduce(0) { $0 + Double(p.probabilities[$1]) * Double(p.logarithms[$1] - q.logarithms[$1]) }
      return sum + loss * Double(temperature * temperature * share)
    }
  }

  private func logProbabilities(_ logits: [Float]) -> (logarithms: [Float], probabilities: [Float]) {
    let scaled = logits.map { $0 / temperature }
    let total = f32_log_sum_exp(scaled, scaled.count)
    var probabilities = scaled
    f32_exp(&probabilities, scaled, total, scaled.count)
    return (scaled.map { $0 - total }, probabilities)
  }
}
