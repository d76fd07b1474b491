import ModelGraph

// Tables, and what becomes of rows as a whole.
extension GraphWriter {
  mutating func embedding(_ node: Node, _ target: Target) -> ONNXValue {
    let tokens = tableRows(node, node.parameters[0], at: integer(node.inputs[0]), target)
    return onnx.sum(tokens, tableRows(node, node.parameters[1], at: places(of: integer(node.inputs[0])), target))
  }

  /// Zeros before the rows, and the table added to all of them.
  mutating func positions(_ node: Node, prefix: Int, _ target: Target) -> ONNXValue {
    let own = rescaled(node.inputs[0], target)
    let rows = prefix == 0 ? own : onnx.add("Pad", [own, onnx.integers([0, prefix, 0, 0, 0, 0])])
    return onnx.sum(rows, tableRows(node, node.parameters[0], at: places(of: rows), target))
  }

  /// The numbers of the positions, from 0.
  private mutating func places(of rows: ONNXValue) -> ONNXValue {
    onnx.add("Range", [onnx.integer(0), count(rows, axis: 1), onnx.integer(1)])
  }

  /// How many there are along an axis, int64.
  mutating func count(_ rows: ONNXValue, axis: Int) -> ONNXValue {
    onnx.add("Gather", [onnx.add("Shape", [rows]), onnx.integer(axis)])
  }

  /// Some rows of a table in steps of the target.
  private mutating func tableRows(_ node: Node, _ id: TensorID, at places: ONNXValue, _ target: Target) -> ONNXValue {
    let (values, scales) = matrix(id)
    let table = onnx.constant(graph[id].name, [scales.count, values.count / scales.count], values)
    let steps = scales.map { $0 * (1 / target.scale) }
    let factors = onnx.constant("\(node.name)/\(graph[id].name)/step", [scales.count, 1], steps)
    let integers = onnx.add("Gather", [table, places])
    return onnx.product(onnx.cast(integers, to: .float32), onnx.add("Gather", [factors, places]))
  }

  mutating func concatenate(_ node: Node, _ target: Target) -> ONNXValue {
    onnx.add("Concat", node.inputs.filter { isPresent($0) }.map { rescaled($0, target) }, .integer("axis", 1))
  }

  mutating func pool(_ node: Node, _ kind: Pool, _ target: Target) -> ONNXValue {
    guard kind == .mean else {
      return onnx.add("Gather", [rescaled(node.inputs[0], target), onnx.integer(kind == .first ? 0 : -1)], .integer("axis", 1))
    }
    let rows = rows(step(node.inputs[0]), of: node.inputs[0])
    let sums = onnx.add("ReduceSum", [onnx.cast(rows, to: .int64), onnx.integers([1])], .integer("keepdims", 0))
    let share = onnx.quotient(onnx.number(scale(node.inputs[0]) / target.scale), onnx.cast(count(rows, axis: 1), to: .float32))
    return onnx.product(onnx.cast(sums, to: .float32), share)
  }

  /// [batch, positions, width] of a tensor's values: an image's positions one after the other, and of a vector one.
  mutating func rows(_ value: ONNXValue, of id: TensorID) -> ONNXValue {
    guard graph[id].shape.rank != 3 else { return value }
    return onnx.add("Reshape", [value, onnx.integers([0, -1, width(id)])])
  }
}
