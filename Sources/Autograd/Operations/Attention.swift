import CFloatKernels

/// Multi-head scaled dot-product attention of each example's query rows over its key and value rows. (Vaswani et al. 2017)
/// An example without keys gets zeros.
struct Attention: TapeOperation {
  let heads: Int
  /// Row i sees keys up to i.
  let causal: Bool

  var backwardReads: BackwardReads { .inputs }

  func layout(_ inputs: [RowLayout]) -> RowLayout? { inputs[1] == inputs[2] ? inputs[0] : nil }

  /// The weights: [queries, keys] for each example and head.
  func savedCount(_ inputs: [RowLayout]) -> Int {
    (0..<inputs[0].examples).reduce(0) { $0 + heads * inputs[0][$1].count * inputs[1][$1].count }
  }

  func forward(_ pass: Pass) {
    forEachHead(pass) { _, head in
      let (queries, keys) = (head.weights.rows, head.weights.columns)
      MatrixProduct.timesTransposed(head.block(pass.inputs[0]), head.keys(pass.inputs[1]), into: head.weights, scale: head.scale)
      if keys > 0 { f32_softmax(head.weights.start, queries, keys, causal ? 1 : keys, causal ? 1 : 0) }
      MatrixProduct.times(head.weights, head.keys(pass.inputs[2]), into: head.block(pass.output))
    }
  }

  func backward(_ pass: Pass, _ gradients: Gradients) {
    forEachHead(pass) { thread, head in
      let (queries, keys) = (head.weights.rows, head.weights.columns)
      let dy = head.block(gradients.output)
      // In the order of the inputs, which may be one tensor.
      if gradients.inputs[0] != nil || gradients.inputs[1] != nil {
        let scores = Block(pass.workers.scratch(thread, count: queries * keys), rows: queries, columns: keys)
        MatrixProduct.timesTransposed(dy, head.keys(pass.inputs[2]), into: scores)
        f32_softmax_gradient(scores.start, head.weights.start, scores.start, queries, keys)
        if let query = gradients.inputs[0] {
          MatrixProduct.times(scores, head.keys(pass.inputs[1]), into: head.block(query.rows), scale: head.scale, keep: query.keep)
        }
        if let key = gradients.inputs[1] {
          MatrixProduct.transposedTimes(scores, head.block(pass.inputs[0]), into: head.keys(key.rows), scale: head.scale, keep: key.keep)
        }
      }
      if let value = gradients.inputs[2] {
        MatrixProduct.transposedTimes(head.weights, dy, into: head.keys(value.rows), keep: value.keep)
      }
    }
  }

  /// One head of one example.
  private struct Head {
    let queries: Range<Int>
    let keys: Range<Int>
    let columns: Range<Int>
    /// [queries, keys]
    let weights: Block

    var scale: Float { 1 / Float(columns.count).squareRoot() }

    func block(_ rows: Rows) -> Block { rows.block(queries, columns: columns) }

    func keys(_ rows: Rows) -> Block { rows.block(keys, columns: columns) }
  }

  private func forEachHead(_ pass: Pass, _ body: (_ thread: Int, Head) -> Void) {
    let (queries, keys) = (pass.inputs[0].layout, pass.inputs[1].layout)
    let width = pass.output.columns / heads
    var places: [Int] = []
    var place = 0
    for example in 0..<queries.examples {
      places.append(place)
      place += heads * queries[example].count * keys[example].count
    }
    pass.workers.share(queries.examples * heads) { thread, part in
      for unit in part {
        let (example, head) = (unit / heads, unit % heads)
        let size = queries[example].count * keys[example].count
        let weights = Block(pass.saved + places[example] + head * size, rows: queries[example].count, columns: keys[example].count)
        body(thread, Head(queries: queries[example], keys: keys[example], columns: head * width..<(head + 1) * width, weights: weights))
      }
    }
  }
}
