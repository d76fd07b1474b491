import CKernels
import ModelGraph

/// Quantised rows times blocked int8 weights, with bias and, where one follows at once, the activation.
struct LinearStep {
  let input: RowBuffers
  let output: BufferID
  let weights: UnsafePointer<Int8>
  let sums: UnsafePointer<Int32>
  let multiplier: UnsafePointer<Float>
  let bias: UnsafePointer<Float>
  let outputs: Int
  let limit: Int32
  let activation: Activation?
  let rescale: Float
  let proofs: UnsafePointer<UInt8>?

  /// Threads divide the columns at multiples of two blocks, the widest tile of the kernels.
  private static let columnsOfShare = 2 * Int(KERNELS_BLOCK_COLUMNS)

  func run(_ frame: borrowing Frame, thread: Int) {
    var arguments = kernels_gemm_arguments(
      rows: frame.rows(input), weights: weights, sums: sums, multiplier: multiplier, bias: bias, y: frame.pointer(output),
      y_stride: outputs, inputs: input.width, outputs: outputs, limit: limit, activation: activation.kernel, rescale: rescale,
      proof: proofs)
    let columns = frame.share(of: outputs, block: Self.columnsOfShare, thread: thread)
    frame.kernels.pointee.gemm(&arguments, 0, frame.rows, columns.lowerBound, columns.upperBound)
  }
}

extension Activation? {
  fileprivate var kernel: kernels_activation {
    switch self {
    case nil: KERNELS_IDENTITY
    case .gelu: KERNELS_GELU
    }
  }
}

extension Planner {
  /// `fused` is the activation node that alone reads this product, if there is one.
  mutating func planLinear(_ node: Node, fused: Node?) throws(InferenceError) {
    let rows = quantizedRows(node.inputs[0])
    let result = fused?.output ?? node.output
    let input = try quantization(node.inputs[0])
    let output = try quantization(result)
    let weight = try matrix(node.parameters[0])
    guard let sums = weight.sums else { throw .notQuantized(tensor: node.name) }
    let outputs = width(node.output)
    let bias = node.parameters.count > 1 ? try vector(node.parameters[1]) : nil
    let divisor = fused == nil ? output.scale : 1
    let step = LinearStep(
      input: rows, output: buffer(result), weights: weight.values, sums: sums,
      multiplier: constants.make(outputs) { input.scale * weight.scales[$0] / divisor },
      bias: constants.make(outputs) { (bias?[$0] ?? 0) / divisor }, outputs: outputs, limit: output.limit,
      activation: fused?.activation, rescale: 1 / output.scale, proofs: weight.proofs)
    emit(.linear(step), reads: rows.all, writes: [step.output])
  }
}

extension Node {
  var activation: Activation? {
    guard case .activation(let function) = operation else { return nil }
    return function
  }
}
