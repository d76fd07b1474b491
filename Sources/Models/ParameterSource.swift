/// Where the values of a graph's parameter lie in a checkpoint, and what is done to them on the way. Names are whole tensor names.
/// Kernels are [outputs, inputs / groups, height, width] in checkpoints, [outputs, inputs / groups, width] over signals, and
/// [outputs, height, width, inputs / groups] in graphs.
enum ParameterSource: Hashable, Sendable {
  /// The tensor as it is; dimensions of 1 in front do not count.
  case tensor(String)
  /// One of equal parts of its rows: of a fused query, key and value.
  case part(String, Int, of: Int)
  /// A kernel.
  case kernel(String)
  /// A kernel or the bias of a convolution, with the batch norm behind it folded in. (Ioffe, Szegedy 2015)
  case foldedKernel(String, BatchNorm)
  case foldedBias(BatchNorm)
  /// A kernel v · g / ‖v‖ over a signal, one magnitude g a tap. (Salimans, Kingma 2016)
  case normalizedKernel(magnitude: String, direction: String)
  /// A table of positions, to whose first rows these tokens are added.
  case table(String, tokens: [String])
  /// A table with the first row of another, which has `rows`, added to each row.
  case sum(String, firstOf: String, rows: Int)
  /// Matrices as the taps of one kernel over a signal, or their biases: the mean of what they compute, each from a row of its own.
  case meanKernel([String])
  case meanBias([String])
}

/// A batch norm in a checkpoint: `stem.weight`, `stem.bias`, `stem.running_mean` and `stem.running_var`.
struct BatchNorm: Hashable, Sendable {
  let stem: String
  let epsilon: Double
}

extension ParameterSource {
  /// The parameter's values, row-major, for a parameter of those sizes.
  func values(in checkpoint: inout Checkpoint, sizes: [Int]) throws(ImportError) -> [Float] {
    switch self {
    case .tensor(let name): try checkpoint.values(name, sizes: sizes)
    case .part(let name, let index, let count): try part(index, of: count, name, &checkpoint, sizes)
    case .kernel(let name): try kernel(name, &checkpoint, sizes)
    case .foldedKernel(let name, let norm): try foldedKernel(name, norm, &checkpoint, sizes)
    case .foldedBias(let norm): try foldedBias(norm, &checkpoint, sizes)
    case .normalizedKernel(let magnitude, let direction): try normalizedKernel(magnitude, direction, &checkpoint, sizes)
    case .table(let name, let tokens): try table(name, tokens, &checkpoint, sizes)
    case .sum(let name, let other, let rows): try sum(name, firstOf: other, rows: rows, &checkpoint, sizes)
    case .meanKernel(let names): try meanKernel(names, &checkpoint, sizes)
    case .meanBias(let names): try meanBias(names, &checkpoint, sizes)
    }
  }

  private func part(_ index: Int, of count: Int, _ name: String, _ checkpoint: inout Checkpoint, _ sizes: [Int]) throws(ImportError)
    -> [Float]
  {
    let whole = try checkpoint.values(name, sizes: [sizes[0] * count] + sizes.dropFirst())
    let length = whole.count / count
    return Array(whole[index * length..<(index + 1) * length])
  }

  private func sum(
    _ name: String, firstOf other: String, rows: Int, _ checkpoint: inout Checkpoint, _ sizes: [Int]
  ) throws(ImportError) -> [Float] {
    let first = try checkpoint.values(other, sizes: [rows, sizes[1]])
    return try checkpoint.values(name, sizes: sizes).enumerated().map { $0.element + first[$0.offset % sizes[1]] }
  }

  private func table(_ name: String, _ tokens: [String], _ checkpoint: inout Checkpoint, _ sizes: [Int]) throws(ImportError) -> [Float] {
    var table = try checkpoint.values(name, sizes: sizes)
    for (row, token) in tokens.enumerated() {
      for (column, value) in try checkpoint.values(token, sizes: [sizes[1]]).enumerated() { table[row * sizes[1] + column] += value }
    }
    return table
  }
}

// Kernels. `sizes` are [outputs, height, width, inputs].
extension ParameterSource {
  private func kernel(_ name: String, _ checkpoint: inout Checkpoint, _ sizes: [Int]) throws(ImportError) -> [Float] {
    let isSignal = try checkpoint.shape(name).count == 3
    let stored = isSignal ? [sizes[0], sizes[3], sizes[2]] : [sizes[0], sizes[3], sizes[1], sizes[2]]
    return Self.channelsLast(try checkpoint.values(name, sizes: stored), sizes)
  }

  private static func channelsLast(_ values: [Float], _ sizes: [Int]) -> [Float] {
    let (taps, channels) = (sizes[1] * sizes[2], sizes[3])
    guard taps > 1, channels > 1 else { return values }
    var result: [Float] = []
    result.reserveCapacity(values.count)
    for output in 0..<sizes[0] {
      for tap in 0..<taps {
        for channel in 0..<channels { result.append(values[(output * channels + channel) * taps + tap]) }
      }
    }
    return result
  }

  private func foldedKernel(_ name: String, _ norm: BatchNorm, _ checkpoint: inout Checkpoint, _ sizes: [Int]) throws(ImportError)
    -> [Float]
  {
    let factors = try norm.factors(in: &checkpoint, count: sizes[0])
    let values = try kernel(name, &checkpoint, sizes)
    let length = values.count / sizes[0]
    return values.enumerated().map { Float(Double($0.element) * factors[$0.offset / length]) }
  }

  private func foldedBias(_ norm: BatchNorm, _ checkpoint: inout Checkpoint, _ sizes: [Int]) throws(ImportError) -> [Float] {
    let factors = try norm.factors(in: &checkpoint, count: sizes[0])
    let means = try checkpoint.values(norm.stem + ".running_mean", sizes: sizes)
    let shifts = try checkpoint.values(norm.stem + ".bias", sizes: sizes)
    return factors.indices.map { Float(Double(shifts[$0]) - Double(means[$0]) * factors[$0]) }
  }

  private func normalizedKernel(
    _ magnitude: String, _ direction: String, _ checkpoint: inout Checkpoint, _ sizes: [Int]
  ) throws(ImportError) -> [Float] {
    let taps = sizes[2]
    let magnitudes = try checkpoint.values(magnitude, sizes: [taps])
    let values = try kernel(direction, &checkpoint, sizes)
    var squares = [Double](repeating: 0, count: taps)
    for (place, value) in values.enumerated() { squares[place / sizes[3] % taps] += Double(value) * Double(value) }
    guard squares.allSatisfy({ $0 > 0 }) else { throw checkpoint.bad(direction, "data", "a tap of zeros has no direction") }
    let factors = zip(magnitudes, squares).map { Double($0) / $1.squareRoot() }
    return values.enumerated().map { Float(Double($0.element) * factors[$0.offset / sizes[3] % taps]) }
  }

  private func meanKernel(_ names: [String], _ checkpoint: inout Checkpoint, _ sizes: [Int]) throws(ImportError) -> [Float] {
    var matrices: [[Float]] = []
    for name in names { matrices.append(try checkpoint.values(name, sizes: [sizes[0], sizes[3]])) }
    return (0..<sizes[0]).flatMap { output in
      matrices.flatMap { matrix in matrix[output * sizes[3]..<(output + 1) * sizes[3]].map { $0 / Float(names.count) } }
    }
  }

  private func meanBias(_ names: [String], _ checkpoint: inout Checkpoint, _ sizes: [Int]) throws(ImportError) -> [Float] {
    var mean = [Float](repeating: 0, count: sizes[0])
    for name in names {
      for (place, value) in try checkpoint.values(name, sizes: sizes).enumerated() { mean[place] += value / Float(names.count) }
    }
    return mean
  }
}

extension BatchNorm {
  /// gain / √(variance + ε) of each channel.
  fileprivate func factors(in checkpoint: inout Checkpoint, count: Int) throws(ImportError) -> [Double] {
    let gains = try checkpoint.values(stem + ".weight", sizes: [count])
    let variances = try checkpoint.values(stem + ".running_var", sizes: [count])
    guard variances.allSatisfy({ $0 >= 0 }) else { throw checkpoint.bad(stem + ".running_var", "data", "a variance is negative") }
    return zip(gains, variances).map { Double($0) / (Double($1) + epsilon).squareRoot() }
  }
}
