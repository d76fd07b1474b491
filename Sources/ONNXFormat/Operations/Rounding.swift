import ModelGraph

/// Rows as 8-bit codes, each row with its own range: a real number is (code − zero) · factor · (step of the source).
struct CodedRows {
  /// uint8 [batch, rows, width]
  let codes: ONNXValue
  /// float32 [batch, rows, 1], integers in 0...255.
  let zero: ONNXValue
  /// The range of each row by 255, float32 [batch, rows, 1].
  let factor: ONNXValue
}

// What is rounded: to the integers of a tensor, and rows to 8-bit codes.
extension GraphWriter {
  /// Rounds values to the integers of the target. Integers of a tensor of the same quantisation stay.
  mutating func round(_ value: ONNXValue, to target: Target) {
    let result = target.function.map { onnx.product(activation($0, value), onnx.number(1 / target.scale)) } ?? value
    switch graph[target.tensor].quantization {
    case .tensor:
      let limited = onnx.add("Clip", [result, onnx.number(-Float(target.limit)), onnx.number(Float(target.limit))])
      define(target.tensor, onnx.add("QuantizeLinear", [limited, onnx.number(1), onnx.zero(0, of: .int16)]))
    case .codes(_, let zero):
      define(target.tensor, onnx.add("QuantizeLinear", [result, onnx.number(1), onnx.zero(zero, of: .uint8)]))
    case .none, .rows: define(target.tensor, result)
    }
  }

  /// Rows of integers through 8-bit codes: the kernel `quantize_rows`.
  mutating func coded(_ rows: ONNXValue) -> CodedRows {
    let (none, most) = (onnx.number(0), onnx.number(255))
    let innermost = onnx.integers([-1])
    let low = onnx.add("Min", [onnx.add("ReduceMin", [rows, innermost]), none])
    let high = onnx.add("Max", [onnx.add("ReduceMax", [rows, innermost]), none])
    let range = onnx.add("Max", [onnx.difference(high, low), onnx.number(1)])
    let inverse = onnx.quotient(most, range)
    let zero = onnx.add("Round", [onnx.product(onnx.add("Neg", [low]), inverse)])
    let places = onnx.sum(onnx.add("Round", [onnx.product(rows, inverse)]), zero)
    let codes = onnx.cast(onnx.add("Clip", [places, none, most]), to: .uint8)
    return CodedRows(codes: codes, zero: zero, factor: onnx.quotient(range, most))
  }

  /// Steps of the source: the kernel `dequantize_rows`.
  mutating func decoded(_ rows: CodedRows) -> ONNXValue {
    onnx.product(onnx.difference(onnx.cast(rows.codes, to: .float32), rows.zero), rows.factor)
  }

  /// A tensor's values in steps of the target.
  mutating func rescaled(_ id: TensorID, _ target: Target) -> ONNXValue {
    onnx.product(step(id), onnx.number(scale(id) / target.scale))
  }
}
