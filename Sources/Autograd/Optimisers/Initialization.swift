import ModelGraph
import Randomness

extension Program {
  /// Parameters to begin training with: kernels as He et al. 2015 (mean 0, variance 2 / inputs), matrices and tables with mean 0 and
  /// deviation 0.02 cut off at two deviations (Devlin et al. 2018), gains 1, everything else 0. Each depends on the seed and its place
  /// alone.
  package func initialParameters(seed: UInt64) -> ParameterMemory {
    let parameters = parameters()
    for node in graph.nodes {
      for (role, id) in node.parameters.enumerated() {
        guard let place = layout[id] else { continue }
        var random = CounterRandom(seed: seed, stream: UInt64(place))
        let inputs = graph[id].shape.rowElements ?? 1
        switch (node.operation, role) {
        case (.layerNorm, 0), (.channelNorm, 0): parameters[place].update(repeating: 1)
        case (.convolution, 0): random.fill(parameters[place], deviation: (2 / Float(inputs)).squareRoot(), cut: .infinity)
        case (_, _) where graph[id].shape.rank > 1: random.fill(parameters[place], deviation: 0.02, cut: 2)
        default: break
        }
      }
    }
    return parameters
  }
}

extension CounterRandom {
  /// Normal numbers of that deviation, none beyond `cut` deviations.
  fileprivate mutating func fill(_ values: UnsafeMutableBufferPointer<Float>, deviation: Float, cut: Float) {
    for index in values.indices {
      var number = normal()
      while abs(number) > cut { number = normal() }
      values[index] = deviation * number
    }
  }
}
