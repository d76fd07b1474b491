import CFloatKernels

/// How far the relations of a student's rows are from those of a teacher's: rows are cut into as many heads, whatever their widths; the
/// softmax over the scaled products of each row with all of its example, X · Xᵀ / √width, is to be the teacher's. The
/// Kullback–Leibler divergence, mean over heads and rows. Over queries, keys and values this is what MiniLM learns from.
/// (Wang et al. 2020, MiniLMv2)
package struct RelationLoss: Sendable {
  private let heads: Int

  package init(heads: Int) { self.heads = heads }

  /// `teacher` has for each example as many rows as the student, row-major, or none where the example is left out. Adds
  /// weight · gradient. 0 where there are no rows.
  package func callAsFunction(
    _ student: Rows, teacher: [[Float]], gradient: Rows?, weight: Float = 1, workers: Workers
  ) -> Double {
    let taught = teacher.indices.filter { !teacher[$0].isEmpty && !student.layout[$0].isEmpty }
    let rows = taught.reduce(0) { $0 + student.layout[$1].count }
    guard rows > 0 else { return 0 }
    let share = 1 / Float(rows * heads)
    let losses = FloatMemory(count: taught.count)
    workers.share(taught.count) { _, part in
      for place in part {
        let range = student.layout[taught[place]]
        let own = teacher[taught[place]]
        let columns = own.count / range.count
        precondition(
          own.count == range.count * columns && columns.isMultiple(of: heads) && student.columns.isMultiple(of: heads),
          "\(own.count) values cannot be \(range.count) rows of \(heads) heads")
        let copy = FloatMemory(count: own.count)
        _ = copy.values.update(from: own)
        let target = Block(copy.start, rows: range.count, columns: columns)
        losses.start[place] = Float(example(student.block(range), target, gradient?.block(range), weight * share))
      }
    }
    return losses.values.reduce(0) { $0 + Double($1) } * Double(share)
  }

  /// The sum over heads and rows. Adds weight · gradient.
  private func example(_ student: Block, _ teacher: Block, _ gradient: Block?, _ weight: Float) -> Double {
    let count = student.rows
    let (own, taught) = (student.columns / heads, teacher.columns / heads)
    let memory = (FloatMemory(count: count * count), FloatMemory(count: count * count))
    let (target, scores) = (Block(memory.0.start, rows: count, columns: count), Block(memory.1.start, rows: count, columns: count))
    let scale = 1 / Float(own).squareRoot()
    return (0..<heads).reduce(0) { sum, head in
      let part = student.columns(head * own..<(head + 1) * own)
      let other = teacher.columns(head * taught..<(head + 1) * taught)
      MatrixProduct.timesTransposed(other, other, into: target, scale: 1 / Float(taught).squareRoot())
      MatrixProduct.timesTransposed(part, part, into: scores, scale: scale)
      let loss = divergence(target, scores)
      if let slope = gradient?.columns(head * own..<(head + 1) * own) {
        // A score is a product of two rows, and adds to the gradients of both.
        MatrixProduct.times(scores, part, into: slope, scale: weight * scale, keep: 1)
        MatrixProduct.transposedTimes(scores, part, into: slope, scale: weight * scale, keep: 1)
      }
      return sum + loss
    }
  }

  /// Of the softmax of each row, Σ p (log p − log q). Leaves its gradient, q − p, in place of the scores.
  private func divergence(_ target: Block, _ scores: Block) -> Double {
    let count = scores.columns
    let memory = FloatMemory(count: 2 * count)
    let (p, q) = (memory.start, memory.start + count)
    return (0..<scores.rows).reduce(0) { sum, row in
      let (expected, found) = (target.start + row * count, scores.start + row * count)
      let totals = (f32_log_sum_exp(expected, count), f32_log_sum_exp(found, count))
      f32_exp(p, expected, totals.0, count)
      f32_exp(q, found, totals.1, count)
      let loss = f32_dot(p, expected, count) - f32_dot(p, found, count) + Double(totals.1 - totals.0)
      f32_scale(found, q, 1, 0, count)
      f32_scale(found, p, -1, 1, count)
      return sum + loss
    }
  }
}
