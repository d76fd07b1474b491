// What a checkpoint has to hold so that parameters come out of it: the other way of `values(in:sizes:)`.
extension ParameterSource {
  /// The tensors from which a parameter of those values and sizes is read. A batch norm leaves what it gets as it is, a second table is
  /// zeros. None where the source is one of several parameters' or of a head's, which no encoder alone has. `isSignal`: kernels are over
  /// signals.
  func tensors(_ values: [Float], sizes: [Int], isSignal: Bool) -> [StoredTensor] {
    switch self {
    case .tensor(let name), .table(let name, tokens: []): [StoredTensor(name: name, shape: sizes, values: values)]
    case .kernel(let name), .foldedKernel(let name, _): [kernel(name, values, sizes, isSignal: isSignal)]
    case .foldedBias(let norm): norm.tensors(shift: values)
    case .normalizedKernel(let magnitude, let direction): normalized(magnitude, direction, values, sizes)
    case .sum(let name, let other, let rows):
      [
        StoredTensor(name: name, shape: sizes, values: values),
        StoredTensor(name: other, shape: [rows, sizes[1]], values: Array(repeating: 0, count: rows * sizes[1])),
      ]
    case .part, .table, .meanKernel, .meanBias: []
    }
  }

  /// [outputs, height, width, inputs] → [outputs, inputs, height, width], over signals without the height.
  private func kernel(_ name: String, _ values: [Float], _ sizes: [Int], isSignal: Bool) -> StoredTensor {
    let (taps, channels) = (sizes[1] * sizes[2], sizes[3])
    let moved = values.indices.map { place in
      let (output, channel, tap) = (place / (taps * channels), place / taps % channels, place % taps)
      return values[(output * taps + tap) * channels + channel]
    }
    let shape = isSignal ? [sizes[0], channels, taps] : [sizes[0], channels, sizes[1], sizes[2]]
    return StoredTensor(name: name, shape: shape, values: moved)
  }

  /// The kernel as its own direction, and the length of each tap.
  private func normalized(_ magnitude: String, _ direction: String, _ values: [Float], _ sizes: [Int]) -> [StoredTensor] {
    var squares = [Double](repeating: 0, count: sizes[2])
    for (place, value) in values.enumerated() { squares[place / sizes[3] % sizes[2]] += Double(value) * Double(value) }
    // A tap of zeros has no direction: any, times 0.
    let directions = values.indices.map { squares[$0 / sizes[3] % sizes[2]] > 0 ? values[$0] : 1 }
    return [
      StoredTensor(name: magnitude, shape: [1, 1, sizes[2]], values: squares.map { Float($0.squareRoot()) }),
      kernel(direction, directions, sizes, isSignal: true),
    ]
  }
}

extension BatchNorm {
  /// One that adds a shift to each channel and does nothing else.
  fileprivate func tensors(shift: [Float]) -> [StoredTensor] {
    let variance = Float(1 - epsilon)
    return [("weight", 1), ("bias", nil), ("running_mean", 0), ("running_var", variance)].map { kind, value in
      StoredTensor(
        name: "\(stem).\(kind)", shape: [shift.count], values: value.map { Array(repeating: $0, count: shift.count) } ?? shift)
    }
  }
}
