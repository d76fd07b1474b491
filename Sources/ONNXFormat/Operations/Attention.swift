import ModelGraph

extension GraphWriter {
  /// The kernel `attention` for all heads; float64 holds its int32 sums exactly. Where there are no keys, because their modality is absent,
  /// nothing is attended to.
  mutating func attention(_ node: Node, heads: Int, causal: Bool, _ target: Target) -> ONNXValue {
    guard isPresent(node.inputs[1]) else { return onnx.product(step(node.inputs[0]), onnx.number(0)) }
    let headWidth = width(node.output) / heads
    let query = self.heads(node.inputs[0], heads, turned: [0, 2, 1, 3])
    let key = self.heads(node.inputs[1], heads, turned: [0, 2, 3, 1])
    let value = self.heads(node.inputs[2], heads, turned: [0, 2, 1, 3])
    var scores = onnx.add("MatMul", [query, key])
    if causal { scores = onnx.sum(scores, later(than: scores)) }
    let innermost = onnx.integers([-1])
    let below = onnx.cast(onnx.difference(scores, onnx.add("ReduceMax", [scores, innermost])), to: .float32)
    let steps = Double(scale(node.inputs[0])) * Double(scale(node.inputs[1]))
    let powers = exponentials(of: below, scale: steps / (Double(headWidth).squareRoot() * Self.logarithmOf2))
    let weights = onnx.add("Round", [onnx.product(powers, onnx.number(32767))])
    let all = onnx.cast(onnx.add("ReduceSum", [onnx.cast(weights, to: .float64), innermost]), to: .float32)
    let share = onnx.add("Min", [onnx.quotient(onnx.number(524_288), all), onnx.number(1)])
    let shares = onnx.cast(onnx.add("Round", [onnx.product(weights, share)]), to: .float64)
    let total = onnx.cast(onnx.add("ReduceSum", [shares, innermost]), to: .float32)
    let mixed = onnx.cast(onnx.add("MatMul", [shares, value]), to: .float32)
    let result = onnx.product(mixed, onnx.quotient(onnx.number(scale(node.inputs[2]) / target.scale), total))
    let rows = onnx.add("Transpose", [result], .integers("perm", [0, 2, 1, 3]))
    return onnx.add("Reshape", [rows, onnx.integers([0, 0, width(node.output)])])
  }

  /// The columns of each head, float64.
  private mutating func heads(_ id: TensorID, _ count: Int, turned order: [Int]) -> ONNXValue {
    let columns = onnx.add("Reshape", [step(id), onnx.integers([0, 0, count, width(id) / count])])
    return onnx.cast(onnx.add("Transpose", [columns], .integers("perm", order)), to: .float64)
  }

  /// What keeps rows from seeing later ones: [rows, rows], far below all scores behind the diagonal, else 0.
  private mutating func later(than scores: ONNXValue) -> ONNXValue {
    let sizes = onnx.add("Shape", [scores], .integer("start", 2))
    return onnx.add("Trilu", [onnx.add("Expand", [onnx.double(-0x1p40), sizes]), onnx.integer(1)], .integer("upper", 1))
  }
}
