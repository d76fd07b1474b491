import CFloatKernels

extension ParameterMemory {
  /// The length of all elements as one vector.
  package func norm(_ workers: Workers) -> Double {
    var sum = 0.0
    workers.sum(memory.count, count: 1, of: 0, grain: 4096, into: &sum) { _, part, sum in
      sum[0] += f32_dot(memory.start + part.lowerBound, memory.start + part.lowerBound, part.count)
    }
    return sum.squareRoot()
  }

  /// What gradients are to be multiplied by so that they are the mean of `batches` and no longer than `limit`; and how long they were.
  package func clipping(to limit: Float, batches: Int = 1, _ workers: Workers) -> (scale: Float, norm: Double) {
    let norm = norm(workers) / Double(batches)
    return (Float(min(1, Double(limit) / (norm + 1e-6)) / Double(batches)), norm)
  }

  /// average · decay + parameters · (1 − decay): what an exponential moving average becomes.
  package func average(_ parameters: ParameterMemory, decay: Float, _ workers: Workers) {
    workers.share(memory.count, grain: 4096) { _, part in
      f32_scale(memory.start + part.lowerBound, parameters.memory.start + part.lowerBound, 1 - decay, decay, part.count)
    }
  }
}
