import CKernels
import ModelGraph

/// Quantised rows times blocked int8 weights, with bias and, where one follows at once, the activation.
struct LinearStep {
  let input: RowBuffers
  let output: BufferID
  let product: Product

  /// Threads divide the columns at multiples of two blocks, the widest tile of the kernels.
  static let columnsOfShare = 2 * Int(KERNELS_BLOCK_COLUMNS)

  func run(_ frame: borrowing Frame, thread: Int) {
    let rows = frame.count(input.stream)
    guard rows > 0 else { return }
    var arguments = product.arguments(rows: frame.rows(input), inputs: input.width, y: frame.pointer(output))
    let columns = frame.share(of: product.outputs, block: Self.columnsOfShare, thread: thread)
    frame.kernels.pointee.gemm(&arguments, 0, rows, columns.lowerBound, columns.upperBound)
  }
}

/// A matrix in the bundle, and how its products become int16.
struct Product {
  let weights: UnsafePointer<Int8>
  let sums: UnsafePointer<Int32>
  let multiplier: UnsafePointer<Float>
  let bias: UnsafePointer<Float>
  let outputs: Int
  let limit: Int32
  let activation: kernels_activation
  let rescale: Float
  let proofs: UnsafePointer<UInt8>?

  func arguments(rows: kernels_rows, inputs: Int, y: UnsafeMutablePointer<Int16>) -> kernels_gemm_arguments {
    kernels_gemm_arguments(
      rows: rows, weights: weights, sums: sums, multiplier: multiplier, bias: bias, y: y, y_stride: outputs, inputs: inputs,
      outputs: outputs, limit: limit, activation: activation, rescale: rescale, proof: proofs)
  }
}

extension Planner {
  /// `fused` is the activation node that alone reads this product, if there is one.
  mutating func planLinear(_ node: Node, fused: Node?) throws(InferenceError) {
    let rows = quantizedRows(node.inputs[0])
    try planProduct(node, of: rows, fused: fused)
  }

  mutating func planProduct(_ node: Node, of rows: RowBuffers, fused: Node?) throws(InferenceError) {
    let result = fused?.output ?? node.output
    let step = LinearStep(input: rows, output: buffer(result), product: try product(node, outputs: width(node.output), fused: fused))
    emit(.linear(step), stream: rows.stream, reads: rows.all, writes: [step.output])
  }

  /// The product of a node whose first parameter is a matrix of `outputs` rows and whose second, unless absent, its bias.
  func product(_ node: Node, outputs: Int, fused: Node?) throws(InferenceError) -> Product {
    let input = try quantization(node.inputs[0])
    let output = try quantization(fused?.output ?? node.output)
    let weight = try matrix(node.parameters[0])
    guard let sums = weight.sums else { throw .notQuantized(tensor: node.name) }
    let bias = node.parameters.count > 1 ? try vector(node.parameters[1]) : nil
    let divisor = fused == nil ? output.scale : 1
    return Product(
      weights: weight.values, sums: sums, multiplier: constant(outputs, of: weight.scales, times: input.scale, over: divisor),
      bias: constant(outputs, of: bias, over: divisor), outputs: outputs, limit: output.limit,
      activation: (fused?.activation).kernel, rescale: 1 / output.scale, proofs: weight.proofs)
  }
}
