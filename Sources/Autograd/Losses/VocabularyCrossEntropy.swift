import CFloatKernels

/// The cross-entropy of tokens that rows predict, through a matrix with a row a token (often the table of the embedding itself). The logits
/// exist for a few rows at a time only: what masked and causal language models are trained with. (Devlin et al. 2018)
package struct VocabularyCrossEntropy {
  /// [vocabulary, width], and its gradient, nil where it is not trained.
  package let table: UnsafeMutablePointer<Float>
  package let tableGradient: UnsafeMutablePointer<Float>?
  /// [vocabulary]
  package let bias: UnsafeMutablePointer<Float>?
  package let biasGradient: UnsafeMutablePointer<Float>?
  package let vocabulary: Int
  /// Rows with this target do not count.
  package var ignoredTarget: Int32 = -100

  /// Elements of the logits that exist at once, for each thread.
  private static let chunk = 1 << 20

  package init(
    table: UnsafeMutablePointer<Float>, tableGradient: UnsafeMutablePointer<Float>?, bias: UnsafeMutablePointer<Float>? = nil,
    biasGradient: UnsafeMutablePointer<Float>? = nil, vocabulary: Int
  ) {
    self.table = table
    self.tableGradient = tableGradient
    self.bias = bias
    self.biasGradient = biasGradient
    self.vocabulary = vocabulary
  }

  /// The mean over the rows that count; 0 where none does. Adds weight · its gradient to that of the rows, of the table and of the bias.
  package func callAsFunction(_ rows: Rows, targets: [Int32], gradient: Rows?, weight: Float = 1, workers: Workers) -> Double {
    precondition(targets.count == rows.rows, "\(targets.count) targets for \(rows.rows) rows")
    let counting = targets.indices.filter { targets[$0] != ignoredTarget }
    let linear = Linear(inputs: rows.columns, outputs: vocabulary, hasBias: bias != nil)
    let length = max(Self.chunk / vocabulary, 1)
    var loss = 0.0
    for start in stride(from: 0, to: counting.count, by: length) {
      let chunk = Array(counting[start..<min(start + length, counting.count)])
      loss += add(chunk, of: rows, targets, gradient, linear, weight / Float(counting.count), workers)
    }
    return loss / Double(max(counting.count, 1))
  }

  private func add(
    _ chunk: [Int], of rows: Rows, _ targets: [Int32], _ gradient: Rows?, _ linear: Linear, _ share: Float, _ workers: Workers
  ) -> Double {
    let x = GatheredRows(rows, chunk)
    let logits = GatheredRows(places: chunk, columns: vocabulary)
    let weight = Block(table, rows: vocabulary, columns: rows.columns)
    workers.share(vocabulary, grain: 64) { _, part in
      MatrixProduct.timesTransposed(x.block, weight.rows(part), into: logits.block.columns(part))
    }
    var loss = 0.0
    workers.sum(chunk.count, count: 1, of: 0, into: &loss) { _, part, loss in
      for index in part {
        let row = logits.block.start + index * vocabulary
        if let bias { f32_scale(row, bias, 1, 1, vocabulary) }
        let total = f32_log_sum_exp(row, vocabulary)
        let target = Int(targets[chunk[index]])
        loss[0] += Double(total - row[target])
        f32_exp(row, row, total, vocabulary)
        row[target] -= 1
        f32_scale(row, row, share, 0, vocabulary)
      }
    }
    addGradients(x, logits, gradient, linear, workers)
    return loss
  }

  /// From the gradient of the logits.
  private func addGradients(_ x: GatheredRows, _ logits: GatheredRows, _ gradient: Rows?, _ linear: Linear, _ workers: Workers) {
    if let gradient {
      let dx = GatheredRows(places: x.places, columns: gradient.columns)
      workers.share(x.places.count) { _, part in
        MatrixProduct.times(
          logits.block.rows(part), Block(table, rows: vocabulary, columns: gradient.columns), into: dx.block.rows(part))
      }
      dx.scatter(to: gradient, keep: 1)
    }
    workers.share(vocabulary, grain: 64) { _, part in
      linear.addParameterGradients(x.block, logits.block, outputs: part, weight: tableGradient, bias: biasGradient)
    }
  }
}
