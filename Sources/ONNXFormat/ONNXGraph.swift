import ModelGraph
import ProtobufFormat

/// The name of a value in a graph of ONNX.
struct ONNXValue: Hashable {
  let name: String
}

/// A graph of ONNX as it is written, node by node. (https://onnx.ai/onnx/repo-docs/IR.html)
struct ONNXGraph {
  /// What a node is told beside its inputs.
  enum Attribute {
    case integer(String, Int)
    case integers(String, [Int])
    case number(String, Float)
  }

  /// The numbers of `onnx.TensorProto.DataType`.
  enum ElementType: Int {
    case float32 = 1
    case uint8 = 2
    case int8 = 3
    case int16 = 5
    case int32 = 6
    case int64 = 7
    case float64 = 11
  }

  /// What the names of values begin with that have no other: the name of the node of ours that they come from.
  var scope = ""
  private var nodes: [ProtobufMessage] = []
  private var constants: [ProtobufMessage] = []
  private var inputs: [ProtobufMessage] = []
  private var outputs: [ProtobufMessage] = []
  /// How often a name was given.
  private var uses: [String: Int] = [:]

  /// Adds a node; its value is named after scope and type, if no other name is given.
  @discardableResult
  mutating func add(_ type: String, _ inputs: [ONNXValue], _ attributes: Attribute..., named name: String? = nil) -> ONNXValue {
    let result = name ?? unique("\(scope)/\(type)")
    var node = ProtobufMessage()
    for input in inputs { node.add(1, input.name) }
    node.add(2, result)
    node.add(3, result)
    node.add(4, type)
    for attribute in attributes { node.add(5, attribute.message) }
    nodes.append(node)
    return ONNXValue(name: result)
  }

  /// The same numbers in another type.
  mutating func cast(_ value: ONNXValue, to type: ElementType) -> ONNXValue { add("Cast", [value], .integer("to", type.rawValue)) }

  // What is computed most.
  mutating func sum(_ a: ONNXValue, _ b: ONNXValue) -> ONNXValue { add("Add", [a, b]) }
  mutating func difference(_ a: ONNXValue, _ b: ONNXValue) -> ONNXValue { add("Sub", [a, b]) }
  mutating func product(_ a: ONNXValue, _ b: ONNXValue) -> ONNXValue { add("Mul", [a, b]) }
  mutating func quotient(_ a: ONNXValue, _ b: ONNXValue) -> ONNXValue { add("Div", [a, b]) }

  private mutating func unique(_ name: String) -> String {
    let count = uses[name, default: 0]
    uses[name] = count + 1
    return count == 0 ? name : "\(name).\(count)"
  }

  mutating func addInput(_ name: String, _ type: ElementType, _ shape: Shape) -> ONNXValue {
    inputs.append(Self.information(name, type, shape))
    return ONNXValue(name: name)
  }

  mutating func addOutput(_ name: String, _ shape: Shape) { outputs.append(Self.information(name, .float32, shape)) }

  /// As `onnx.ValueInfoProto`.
  private static func information(_ name: String, _ type: ElementType, _ shape: Shape) -> ProtobufMessage {
    var information = ProtobufMessage()
    information.add(1, name)
    information.add(2) { value in
      value.add(1) { tensor in
        tensor.add(1, type.rawValue)
        tensor.add(2) { sizes in for dimension in shape.dimensions { sizes.add(1, dimension.message) } }
      }
    }
    return information
  }

  /// As `onnx.GraphProto`.
  func message(named name: String) -> ProtobufMessage {
    var graph = ProtobufMessage()
    for node in nodes { graph.add(1, node) }
    graph.add(2, name)
    for constant in constants { graph.add(5, constant) }
    for input in inputs { graph.add(11, input) }
    for output in outputs { graph.add(12, output) }
    return graph
  }
}

// Constants. One that is given a second time under its name is the first.
extension ONNXGraph {
  mutating func constant(_ name: String, _ sizes: [Int], _ values: [Float]) -> ONNXValue {
    constant(name, .float32, sizes, values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } })
  }

  mutating func constant(_ name: String, _ sizes: [Int], _ values: [Int8]) -> ONNXValue {
    constant(name, .int8, sizes, values.map { UInt8(bitPattern: $0) })
  }

  mutating func constant(_ name: String, _ sizes: [Int], _ values: [Int]) -> ONNXValue {
    constant(name, .int64, sizes, values.flatMap { value in withUnsafeBytes(of: Int64(value).littleEndian) { Array($0) } })
  }

  mutating func constant(_ name: String, _ sizes: [Int], _ values: [Int32]) -> ONNXValue {
    constant(name, .int32, sizes, values.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } })
  }

  /// A single number.
  mutating func number(_ value: Float) -> ONNXValue { constant("number/\(value)", [], [value]) }

  mutating func double(_ value: Double) -> ONNXValue {
    constant("double/\(value)", .float64, [], withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) })
  }

  mutating func integer(_ value: Int) -> ONNXValue { constant("number/\(value)", [], [value]) }

  mutating func integers(_ values: [Int]) -> ONNXValue { constant("integers/\(values)", [values.count], values) }

  /// The zero point of integers.
  mutating func zero(_ value: Int, of type: ElementType) -> ONNXValue {
    let bytes = (0..<(type == .int16 ? 2 : 1)).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return constant("\(type)/\(value)", type, [], bytes)
  }

  /// As `onnx.TensorProto`.
  private mutating func constant(_ name: String, _ type: ElementType, _ sizes: [Int], _ bytes: [UInt8]) -> ONNXValue {
    guard uses.updateValue(1, forKey: name) == nil else { return ONNXValue(name: name) }
    var tensor = ProtobufMessage()
    for size in sizes { tensor.add(1, size) }
    tensor.add(2, type.rawValue)
    tensor.add(8, name)
    tensor.add(9, counted: bytes)
    constants.append(tensor)
    return ONNXValue(name: name)
  }
}

extension ONNXGraph.Attribute {
  /// As `onnx.AttributeProto`.
  fileprivate var message: ProtobufMessage {
    var attribute = ProtobufMessage()
    switch self {
    case .number(let name, let value):
      attribute.add(1, name)
      attribute.add(2, value)
      attribute.add(20, 1)
    case .integer(let name, let value):
      attribute.add(1, name)
      attribute.add(3, value)
      attribute.add(20, 2)
    case .integers(let name, let values):
      attribute.add(1, name)
      for value in values { attribute.add(8, value) }
      attribute.add(20, 7)
    }
    return attribute
  }
}

extension Dimension {
  /// As `onnx.TensorShapeProto.Dimension`.
  fileprivate var message: ProtobufMessage {
    var dimension = ProtobufMessage()
    if case .fixed(let size) = self { dimension.add(1, size) } else { dimension.add(2, description) }
    return dimension
  }
}
