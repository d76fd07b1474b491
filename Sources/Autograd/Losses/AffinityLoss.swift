import CFloatKernels

/// How far the affinities of a student's pairs are from those of a teacher's: the Kullback–Leibler divergence of the softmax over scaled
/// similarities, of each row of one side to all of the other and the reverse, the mean of both. What is alike for the teacher is to be
/// alike for the student, whatever the width of their embeddings. (Wu et al. 2023, TinyCLIP; Yang et al. 2024, CLIP-KD)
package struct AffinityLoss: Sendable {
  /// What similarities of rows of length 1 are multiplied by.
  package var scale: Float

  package init(scale: Float = 50) { self.scale = scale }

  /// Row i of a side belongs to row i of the other; teacher and student have the same rows. Adds weight · gradient to those of the
  /// student's sides.
  package func callAsFunction(
    _ a: Rows, _ b: Rows, teacher: (a: Rows, b: Rows), gradients: (a: Rows?, b: Rows?), weight: Float = 1, workers: Workers
  ) -> Double {
    precondition(a.rows == b.rows && teacher.a.rows == a.rows && teacher.b.rows == a.rows, "rows belong together")
    guard a.rows > 0 else { return 0 }
    let student = Similarities(a, b, scale: scale, workers: workers)
    let target = Similarities(teacher.a, teacher.b, scale: scale, workers: workers)
    let (turned, turnedTarget) = (student.transposed, target.transposed)
    let slope = FloatMemory(count: a.rows * a.rows)
    let turnedSlope = FloatMemory(count: a.rows * a.rows)
    let divergence = KullbackLeibler()
    func rows(_ memory: FloatMemory) -> Rows { Rows(start: memory.start, layout: student.rows.layout, columns: a.rows) }
    let forward = divergence(student.rows, teacher: target.values, gradient: rows(slope), weight: weight / 2)
    let backward = divergence(turned.rows, teacher: turnedTarget.values, gradient: rows(turnedSlope), weight: weight / 2)
    for row in 0..<a.rows {
      for column in 0..<a.rows { slope.start[row * a.rows + column] += turnedSlope.start[column * a.rows + row] }
    }
    let block = Block(slope.start, rows: a.rows, columns: a.rows)
    if let da = gradients.a { MatrixProduct.times(block, b.block(), into: da.block(), scale: scale, keep: 1) }
    if let db = gradients.b { MatrixProduct.transposedTimes(block, a.block(), into: db.block(), scale: scale, keep: 1) }
    return (forward + backward) / 2
  }
}
