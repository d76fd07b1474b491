import ModelGraph

// Norms: the kernels `layer_norm`, `channel_norm` and `l2_normalize`.
extension GraphWriter {
  mutating func layerNorm(_ node: Node, epsilon: Float, _ target: Target) -> ONNXValue {
    normalized(node, step(node.inputs[0]), axis: -1, count: onnx.integer(width(node.output)), epsilon: epsilon, target)
  }

  /// Each channel over all positions.
  mutating func channelNorm(_ node: Node, epsilon: Float, _ target: Target) -> ONNXValue {
    let rows = rows(step(node.inputs[0]), of: node.inputs[0])
    let normal = normalized(node, rows, axis: 1, count: count(rows, axis: 1), epsilon: epsilon, target)
    guard graph[node.output].shape.rank != 3 else { return normal }
    return onnx.add("Reshape", [normal, onnx.integers([0] + graph[node.output].shape.sizes.dropFirst())])
  }

  /// (x · a + b) · gain + shift, with the `count` numbers along an axis brought to mean 0 and variance 1. Sums are exact.
  private mutating func normalized(
    _ node: Node, _ x: ONNXValue, axis: Int, count: ONNXValue, epsilon: Float, _ target: Target
  ) -> ONNXValue {
    let integers = onnx.cast(x, to: .int64)
    let sum = onnx.add("ReduceSum", [integers, onnx.integers([axis])])
    let squares = onnx.add("ReduceSum", [onnx.product(integers, integers), onnx.integers([axis])])
    let number = onnx.cast(count, to: .float64)
    let mean = onnx.quotient(onnx.cast(sum, to: .float64), number)
    let spread = onnx.cast(onnx.difference(onnx.product(count, squares), onnx.product(sum, sum)), to: .float64)
    let variance = onnx.quotient(spread, onnx.product(number, number))
    let step = Double(scale(node.inputs[0]))
    let deviation = onnx.add("Sqrt", [onnx.sum(variance, onnx.double(Double(epsilon) / (step * step)))])
    let inverse = onnx.quotient(onnx.double(1), deviation)
    let offset = onnx.cast(onnx.product(onnx.add("Neg", [mean]), inverse), to: .float32)
    let normal = onnx.sum(onnx.product(x, onnx.cast(inverse, to: .float32)), offset)
    let gain = constant(node, "gain", vector(node.parameters[0]).map { $0 / target.divisor })
    return onnx.sum(onnx.product(normal, gain), constant(node, "shift", vector(node.parameters[1]).map { $0 / target.divisor }))
  }

  /// To length 1; zeros stay.
  mutating func l2Normalize(_ node: Node) -> ONNXValue {
    let x = onnx.cast(step(node.inputs[0]), to: .float64)
    let squares = onnx.add("ReduceSum", [onnx.product(x, x), onnx.integers([-1])])
    let length = onnx.add("Sqrt", [onnx.add("Max", [squares, onnx.double(1)])])
    return onnx.cast(onnx.product(x, onnx.quotient(onnx.double(1), length)), to: .float32)
  }
}
