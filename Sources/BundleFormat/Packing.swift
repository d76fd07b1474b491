import ModelGraph

/// An int8 matrix [outputs, inputs] in the layout of the kernels, with the sum of each output and the proof of each block.
struct BlockedMatrix {
  /// [outputs/16, inputs/4, 16, 4], zeros to whole blocks.
  private(set) var weights: [UInt8]
  private(set) var sums: [Int32]
  /// The longest run that holds in each block of 16 outputs.
  private(set) var proofs: [UInt8] = []

  /// Packs row-major values: `outputs` rows of `parts` runs of `length` inputs, none of which is zero.
  init(_ values: [Int8], outputs: Int, parts: Int, length: Int) {
    let runDepth = (length + Layout.blockDepth - 1) / Layout.blockDepth
    let depth = parts * runDepth
    let rows = (outputs + Layout.blockColumns - 1) / Layout.blockColumns * Layout.blockColumns
    weights = [UInt8](repeating: 0, count: rows * depth * Layout.blockDepth)
    sums = [Int32](repeating: 0, count: outputs)
    for output in 0..<outputs {
      let row = output / Layout.blockColumns * depth
      for input in 0..<parts * length {
        let value = values[output * parts * length + input]
        let place = input / length * runDepth * Layout.blockDepth + input % length
        let block = (row + place / Layout.blockDepth) * Layout.blockColumns + output % Layout.blockColumns
        weights[block * Layout.blockDepth + place % Layout.blockDepth] = UInt8(bitPattern: value)
        sums[output] += Int32(value)
      }
    }
    let blockSize = Layout.blockColumns * depth * Layout.blockDepth
    for start in stride(from: 0, to: weights.count, by: blockSize) { proofs.append(longestRun(weights[start..<start + blockSize])) }
  }

  private func longestRun(_ block: ArraySlice<UInt8>) -> UInt8 {
    let run = Layout.runs.first { run in
      unsafe block.withUnsafeBytes { unsafe BlockWeights($0, run: run).areProved }
    }
    return UInt8(run ?? 0)
  }
}

extension BundleContents {
  /// The bytes of a parameter's places, in their order; the data is found to fit the tensor.
  func packed(_ id: TensorID, as form: ParameterForm) throws(BundleError) -> [[UInt8]] {
    let tensor = graph[id]
    guard let data = parameters[id] else { throw .badContents(field: tensor.name, problem: "its values are not given") }
    guard let count = tensor.shape.elementCount(batch: 1, sequence: 1), case .fixed(let rows)? = tensor.shape.dimensions.first else {
      throw .badContents(field: tensor.name, problem: "its shape is not fixed")
    }
    switch (data, tensor.dataType) {
    case (.float32(let values), .float32):
      try check(tensor, values.count, expected: count)
      return [try encoded(values, of: tensor, within: 0...0x1p64)]
    case (.int8Rows(let values, let scales), .int8):
      try check(tensor, values.count, expected: count)
      try check(tensor, scales.count, expected: rows)
      guard !values.contains(-128) else { throw .badContents(field: tensor.name, problem: "an int8 value is −128") }
      let scaleBytes = try encoded(scales, of: tensor, within: 0x1p-64...0x1p64)
      switch form {
      case .plain: return [values.map { UInt8(bitPattern: $0) }, scaleBytes]
      case .taps: return [Self.transposed(values, rows: rows).map { UInt8(bitPattern: $0) }, scaleBytes]
      case .blocked(let parts, let length):
        let matrix = BlockedMatrix(values, outputs: rows, parts: parts, length: length)
        return [matrix.proofs, matrix.weights, scaleBytes, Self.encoded(matrix.sums)]
      }
    case (.float32, _), (.int8Rows, _):
      throw .badContents(field: tensor.name, problem: "its values are not \(tensor.dataType.rawValue)")
    }
  }

  private func check(_ tensor: Tensor, _ count: Int, expected: Int) throws(BundleError) {
    guard count == expected else { throw .badContents(field: tensor.name, problem: "\(count) values or scales, expected \(expected)") }
  }

  /// Floats as bytes; their magnitudes must lie in the range, and scales are not negative.
  private func encoded(_ values: [Float], of tensor: Tensor, within range: ClosedRange<Float>) throws(BundleError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * values.count)
    for value in values {
      guard range.contains(range.lowerBound > 0 ? value : value.magnitude) else {
        throw .badContents(field: tensor.name, problem: "the value or scale \(value) is not finite or out of range")
      }
      bytes.append(littleEndian: value.bitPattern)
    }
    return bytes
  }

  /// [rows, columns] → [columns, rows].
  private static func transposed(_ values: [Int8], rows: Int) -> [Int8] {
    let columns = values.count / rows
    return values.indices.map { values[$0 % rows * columns + $0 / rows] }
  }

  private static func encoded(_ values: [Int32]) -> [UInt8] {
    var bytes: [UInt8] = []
    for value in values { bytes.append(littleEndian: value) }
    return bytes
  }
}
