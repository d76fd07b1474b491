import BundleFormat
import ModelGraph

/// Writes the nodes of a quantised graph as nodes of ONNX. What flows are float32 values that are integers: steps of the tensors, or codes.
/// Beside each family of operations stand its functions, in `Operations`; they give values that are to be rounded to steps of the output.
struct GraphWriter {
  let bundle: Bundle
  private let streams: Streams
  /// The inputs that there are, a bit each.
  private let present: UInt64
  var onnx = ONNXGraph()
  /// The integers of each tensor that was written: of int16 and uint8 as they are, and steps as float32.
  private var integers: [TensorID: ONNXValue] = [:]
  private var steps: [TensorID: ONNXValue] = [:]
  /// The rows of tensors through 8-bit codes, where something reads them.
  private var codedRows: [TensorID: CodedRows] = [:]

  init(_ bundle: Bundle, present: UInt64) {
    self.bundle = bundle
    self.present = present
    streams = Streams(bundle.graph)
  }

  var graph: Graph { bundle.graph }

  /// Writes every node that has rows.
  mutating func write() {
    for id in graph.inputs where isPresent(id) { writeInput(id) }
    let readers = graph.readers
    for segment in graph.segments {
      var fused: Set<Int> = []
      for index in segment.nodes where !fused.contains(index) && isPresent(graph.nodes[index].output) {
        let activation = graph.fusedActivation(of: index, in: segment, readers: readers)
        if let activation { fused.insert(activation) }
        write(graph.nodes[index], fused: activation.map { graph.nodes[$0] })
      }
    }
    for id in graph.outputs where isPresent(id) {
      onnx.scope = graph[id].name
      writeOutput(id)
    }
  }

  /// Whether a tensor has rows.
  func isPresent(_ id: TensorID) -> Bool { streams[streams[id]].inputs & present != 0 }

  /// The shape of a tensor where some inputs are absent.
  private func shape(_ id: TensorID) -> Shape {
    guard graph[id].shape.rank == 3 else { return graph[id].shape }
    let (one, two) = (rowCount(id, sequence: 1), rowCount(id, sequence: 2))
    guard two > one else { return .rows(.fixed(one), width(id)) }
    return .rows(one == 1 ? .sequence : .extendedSequence(by: one - 1), width(id))
  }

  private func rowCount(_ id: TensorID, sequence: Int) -> Int { streams.rows(streams[id], sequence: sequence, present: present) }

  private mutating func writeInput(_ id: TensorID) {
    onnx.scope = graph[id].name
    let type = graph[id].dataType == .int32 ? ONNXGraph.ElementType.int32 : .float32
    let input = onnx.addInput(graph[id].name, type, graph[id].shape)
    switch graph[id].quantization {
    case .none, .rows: integers[id] = input
    case .codes(let scale, let zero):
      define(id, onnx.add("QuantizeLinear", [input, onnx.number(scale), onnx.zero(zero, of: .uint8)]))
    case .tensor(let scale, let limit):
      let most = scale * Float(limit)
      let limited = onnx.add("Clip", [input, onnx.number(-most), onnx.number(most)])
      define(id, onnx.add("QuantizeLinear", [limited, onnx.number(scale), onnx.zero(0, of: .int16)]))
    }
  }

  private mutating func writeOutput(_ id: TensorID) {
    onnx.addOutput(graph[id].name, shape(id))
    let name = graph[id].name
    switch graph[id].quantization {
    case .none, .rows: onnx.add("Identity", [integer(id)], named: name)
    case .codes(let scale, let zero):
      onnx.add("DequantizeLinear", [integer(id), onnx.number(scale), onnx.zero(zero, of: .uint8)], named: name)
    case .tensor(let scale, _): onnx.add("DequantizeLinear", [integer(id), onnx.number(scale), onnx.zero(0, of: .int16)], named: name)
    }
  }

  private mutating func write(_ node: Node, fused: Node?) {
    onnx.scope = node.name
    let target = Target(self, of: node, fused: fused)
    round(value(of: node, target), to: target)
    if node.operation == .boundary { codedRows[node.output] = codedRows[node.inputs[0]] }
  }

  /// What a node computes, in steps of the target or as the argument of its function.
  private mutating func value(of node: Node, _ target: Target) -> ONNXValue {
    switch node.operation {
    case .embedding: embedding(node, target)
    case .positions(let prefix): positions(node, prefix: prefix, target)
    case .linear, .expertLinear: product(node, of: coded(node.inputs[0]), target)
    case .convolution(let convolution): self.convolution(node, convolution, target)
    case .activation: onnx.product(step(node.inputs[0]), onnx.number(scale(node.inputs[0])))
    case .add: sum(node, factor: 1, target)
    case .gatedAdd: gatedSum(node, target)
    case .layerNorm(let epsilon): layerNorm(node, epsilon: epsilon, target)
    case .channelNorm(let epsilon): channelNorm(node, epsilon: epsilon, target)
    case .attention(let heads, let causal): attention(node, heads: heads, causal: causal, target)
    case .expertGate: expertGate(node, target)
    case .concatenate: concatenate(node, target)
    case .flatten: rows(step(node.inputs[0]), of: node.inputs[0])
    case .boundary: decoded(coded(node.inputs[0]))
    case .quantize: rescaled(node.inputs[0], target)
    case .pool(let kind): pool(node, kind, target)
    case .maxPool(let window): maxPool(node, window)
    case .l2Normalize: l2Normalize(node)
    }
  }
}

// Tensors and parameters.
extension GraphWriter {
  /// The integers of a tensor that was written, or of tokens.
  func integer(_ id: TensorID) -> ONNXValue { written(integers[id], id) }

  /// The same as float32: steps of the tensor.
  func step(_ id: TensorID) -> ONNXValue { written(steps[id], id) }

  private func written(_ value: ONNXValue?, _ id: TensorID) -> ONNXValue {
    guard let value else { preconditionFailure("the verifier has tensor \(id.index) written before it is read") }
    return value
  }

  /// The rows of a tensor through 8-bit codes: what products read, and what crosses a split point.
  mutating func coded(_ id: TensorID) -> CodedRows {
    if let known = codedRows[id] { return known }
    let made = coded(step(id))
    codedRows[id] = made
    return made
  }

  /// Takes down the integers of a tensor, or its real values where it has none.
  mutating func define(_ id: TensorID, _ values: ONNXValue) {
    integers[id] = values
    guard graph[id].dataType == .int16 else { return }
    steps[id] = onnx.add("DequantizeLinear", [values, onnx.number(1), onnx.zero(0, of: .int16)])
  }

  func width(_ id: TensorID) -> Int { graph[id].shape.width ?? 1 }

  /// The step of a tensor of int16.
  func scale(_ id: TensorID) -> Float {
    guard case .tensor(let scale, _) = graph[id].quantization else { preconditionFailure("the verifier has rows in int16") }
    return scale
  }

  /// A vector of the bundle.
  func vector(_ id: TensorID) -> [Float] {
    guard case .float32(let values) = bundle.unpacked(id) else { preconditionFailure("the verifier has vectors in float32") }
    return values
  }

  /// The integers of a matrix of the bundle, one row an output or a token, and the scale of each row.
  func matrix(_ id: TensorID) -> (values: [Int8], scales: [Float]) {
    guard case .int8Rows(let values, let scales) = bundle.unpacked(id) else { preconditionFailure("the verifier has matrices in int8") }
    return (values, scales)
  }

  /// A constant that a node has beside its parameters.
  mutating func constant(_ node: Node, _ kind: String, _ values: [Float]) -> ONNXValue {
    onnx.constant("\(node.name)/\(kind)", [values.count], values)
  }
}
