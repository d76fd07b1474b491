package import Randomness

extension ParameterMemory {
  /// Multiplies an entry by `factor`, then adds normal noise whose deviation is `noise` times that of the entry's elements before. The
  /// noise of an element depends on `random` and its place in the entry alone.
  package func modulate(_ place: Int, factor: Float, noise: Float, random: CounterRandom, _ workers: Workers) {
    let elements = self[place]
    let deviation = noise > 0 ? noise * elements.deviation(workers) : 0
    workers.share(elements.count, grain: 4096) { _, part in
      guard deviation > 0 else {
        for index in part { elements[index] *= factor }
        return
      }
      var random = random
      random.position &+= UInt64(part.lowerBound)
      for index in part { elements[index] = factor * elements[index] + deviation * random.normal() }
    }
  }
}

extension UnsafeMutableBufferPointer<Float> {
  fileprivate func deviation(_ workers: Workers) -> Float {
    var sums = [0.0, 0.0]
    workers.sum(count, count: 2, of: 0, grain: 4096, into: &sums) { _, part, sums in
      for index in part {
        sums[0] += Double(self[index])
        sums[1] += Double(self[index]) * Double(self[index])
      }
    }
    let mean = sums[0] / Double(count)
    return Float(Swift.max(sums[1] / Double(count) - mean * mean, 0).squareRoot())
  }
}
