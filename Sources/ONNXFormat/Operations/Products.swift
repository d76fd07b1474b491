import ModelGraph

// Products of rows: the kernel `gemm`. Of experts, all products are computed and each row takes one.
extension GraphWriter {
  mutating func product(_ node: Node, of rows: CodedRows, _ target: Target) -> ONNXValue {
    let id = node.parameters[0]
    let (values, scales) = matrix(id)
    let (outputs, inputs) = (scales.count, values.count / scales.count)
    let transposed = values.indices.map { values[$0 % outputs * inputs + $0 / outputs] }
    let sums = (0..<outputs).map { output in values[output * inputs..<(output + 1) * inputs].reduce(Int32(0)) { $0 + Int32($1) } }
    let all = onnx.add("MatMulInteger", [rows.codes, onnx.constant(graph[id].name, [inputs, outputs], transposed)])
    let excess = onnx.product(onnx.cast(rows.zero, to: .int32), onnx.constant("\(graph[id].name)/sum", [outputs], sums))
    let total = onnx.product(onnx.cast(onnx.difference(all, excess), to: .float32), rows.factor)
    let value = scaled(node, total, scales, inputScale: scale(node.inputs[0]), target)
    guard case .expertLinear(let experts) = node.operation else { return value }
    let each = onnx.add("Reshape", [value, onnx.integers([0, 0, experts, width(node.output)])])
    let choice = onnx.add("ArgMax", [step(node.inputs[1])], .integer("axis", -1))
    return onnx.add("GatherND", [each, choice], .integer("batch_dims", 2))
  }

  /// Totals times the multiplier of each output, and its bias.
  mutating func scaled(
    _ node: Node, _ totals: ONNXValue, _ scales: [Float], inputScale: Float, _ target: Target
  ) -> ONNXValue {
    let product = onnx.product(totals, constant(node, "multiplier", scales.map { inputScale * $0 / target.divisor }))
    guard node.parameters.count > 1 else { return product }
    return onnx.sum(product, constant(node, "bias", vector(node.parameters[1]).map { $0 / target.divisor }))
  }

  /// Each row times the probability of its expert: the kernel `route`, whose sum has an order.
  mutating func expertGate(_ node: Node, _ target: Target) -> ONNXValue {
    let logits = step(node.inputs[1])
    let largest = onnx.add("ReduceMax", [logits, onnx.integers([-1])])
    let powers = exponentials(of: onnx.difference(logits, largest), scale: Double(scale(node.inputs[1])) / Self.logarithmOf2)
    let sums = onnx.add("CumSum", [powers, onnx.integer(-1)])
    let total = onnx.add("Gather", [sums, onnx.integers([-1])], .integer("axis", -1))
    let probability = onnx.quotient(onnx.number(1), total)
    return onnx.product(step(node.inputs[0]), onnx.product(probability, onnx.number(scale(node.inputs[0]) / target.scale)))
  }
}
