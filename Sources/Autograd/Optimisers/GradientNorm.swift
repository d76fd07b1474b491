import CFloatKernels

extension ParameterMemory {
  /// The sum of the squares of each entry's elements, in the order of the layout: not finite where an element is not, or is beyond 10¹⁹.
  package func squares(_ workers: Workers) -> [Double] {
    var sums = [Double](repeating: 0, count: layout.entries.count)
    workers.sum(memory.count, count: sums.count, of: 0, grain: 4096, into: &sums) { _, part, sums in
      for (place, entry) in layout.entries.enumerated() {
        let range = entry.range.clamped(to: part)
        guard !range.isEmpty else { continue }
        let start = memory.start + range.lowerBound
        sums[place] += f32_dot(start, start, range.count)
      }
    }
    return sums
  }

  /// What the sum of gradients over `batches`, whose mean is `norm` long, is to be multiplied by: so that it is the mean and no longer
  /// than `limit`.
  package static func clipping(norm: Double, to limit: Float, batches: Int = 1) -> Float {
    Float(min(1, Double(limit) / (norm + 1e-6)) / Double(batches))
  }

  /// average · decay + parameters · (1 − decay): what an exponential moving average becomes.
  package func average(_ parameters: ParameterMemory, decay: Float, _ workers: Workers) {
    workers.share(memory.count, grain: 4096) { _, part in
      f32_scale(memory.start + part.lowerBound, parameters.memory.start + part.lowerBound, 1 - decay, decay, part.count)
    }
  }
}
