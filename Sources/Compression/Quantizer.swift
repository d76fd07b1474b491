import Autograd
package import BundleFormat
package import ModelGraph

/// A quantised graph and its parameters.
package struct QuantizedModel: Sendable {
  package let graph: Graph
  package let parameters: [TensorID: ParameterData]
}

/// Quantises a float model after training: activations int16 with one scale a tensor, or 8-bit codes between the convolutions of images;
/// matrices int8 with one scale a row; vectors float32.
package struct Quantizer {
  /// How much larger than the calibration's largest magnitude an activation may become.
  package static let margin: Float = 1.25
  /// The least scale, for tensors and rows that are always zero.
  static let leastScale: Float = 0x1p-40

  private let graph: Graph
  private let parameters: [TensorID: [Float]]
  private let calibration: Calibration
  private let run: Int

  /// A float graph, every parameter's elements row-major, and what its activations are like. The matrices of products are such that their
  /// sums over `run` groups of inputs fit 16 bits: longer runs are faster where there is no dot product of bytes, shorter ones lose less.
  package init(graph: Graph, parameters: [TensorID: [Float]], calibration: Calibration, run: Int = LaneBudget.run) {
    self.graph = graph
    self.parameters = parameters
    self.calibration = calibration
    self.run = run
  }

  /// The same nodes over retyped tensors.
  package func quantize() throws(CompressionError) -> QuantizedModel {
    guard calibration.examples > 0 else { throw .noExamples }
    var tensors = graph.tensors
    for index in tensors.indices { tensors[index] = try retyped(TensorID(index)) }
    for node in graph.nodes where node.operation.keepsScale {
      tensors[node.output.index] = tensors[node.output.index].quantized(as: tensors[node.inputs[0].index])
    }
    return QuantizedModel(graph: try rebuilt(tensors), parameters: try quantizedParameters())
  }

  private func rebuilt(_ tensors: [Tensor]) throws(CompressionError) -> Graph {
    do throws(GraphError) {
      return try Graph(
        tensors: tensors, nodes: graph.nodes, segments: graph.segments, inputs: graph.inputs, outputs: graph.outputs, limits: graph.limits)
    } catch {
      throw .badGraph(error)
    }
  }

  private func retyped(_ id: TensorID) throws(CompressionError) -> Tensor {
    let tensor = graph[id]
    if tensor.dataType != .float32 { return tensor }
    if parameters[id] != nil { return tensor.shape.rank > 1 ? tensor.retyped(.int8, .rows) : tensor }
    if graph.nodes.contains(where: { $0.operation == .l2Normalize && $0.output == id }) { return tensor }
    guard let extent = calibration.extents[id] else { throw .notObserved(tensor: tensor.name) }
    if isEncoded(id) { return tensor.retyped(.uint8, Self.codes(of: extent)) }
    let limit = isAttended(id) ? Operation.attentionLimit : 32767
    let largest = max(-extent.lowerBound, extent.upperBound)
    return tensor.retyped(.int16, .tensor(scale: max(Self.leastScale, largest * Self.margin / Float(limit)), limit: limit))
  }

  /// Codes that stretch over the range, with one for zero.
  private static func codes(of extent: ClosedRange<Float>) -> Quantization {
    let scale = max(leastScale, (extent.upperBound - extent.lowerBound) / 255)
    return .codes(scale: scale, zero: Int((-extent.lowerBound / scale).rounded(.toNearestOrEven)))
  }

  /// Whether a tensor becomes 8-bit codes: what `quantize` makes, and images that only convolutions read, if they are brought with the
  /// request or come from a convolution, at most by way of an activation.
  private func isEncoded(_ id: TensorID) -> Bool {
    let writer = graph.nodes.first { $0.output == id }
    if writer?.operation == .quantize { return true }
    guard graph[id].shape.rank == 4, !graph.outputs.contains(id), areConvolutions(readersOf: id) else { return false }
    guard let writer else { return true }
    switch writer.operation {
    case .convolution: return true
    case .activation:
      let source = graph.nodes.first { $0.output == writer.inputs[0] }
      return source?.operation.isConvolution == true && readers(of: writer.inputs[0]).count == 1
    default: return false
    }
  }

  private func readers(of id: TensorID) -> [Node] { graph.nodes.filter { $0.inputs.contains(id) } }

  private func areConvolutions(readersOf id: TensorID) -> Bool { readers(of: id).allSatisfy { $0.operation.isConvolution } }

  private func isAttended(_ id: TensorID) -> Bool {
    graph.nodes.contains { node in
      if case .attention = node.operation { node.inputs.contains(id) } else { false }
    }
  }

  private func quantizedParameters() throws(CompressionError) -> [TensorID: ParameterData] {
    var quantized: [TensorID: ParameterData] = [:]
    for node in graph.nodes {
      for id in node.parameters where quantized[id] == nil {
        guard let values = parameters[id] else { throw .missingParameter(graph[id].name) }
        quantized[id] = quantize(values, graph[id], of: node)
      }
    }
    return quantized
  }

  private func quantize(_ values: [Float], _ tensor: Tensor, of node: Node) -> ParameterData {
    guard tensor.shape.rank > 1, let columns = tensor.shape.rowElements else { return .float32(values) }
    let matrix = Matrix(rows: values.count / columns, columns: columns, values: values)
    let rows = RowQuantization(matrix)
    return node.operation.isProduct ? rows.bounded(run: run, inputs: calibration.grams[node.inputs[0]]) : rows.nearest()
  }
}

extension Tensor {
  fileprivate func retyped(_ type: DataType, _ quantization: Quantization) -> Tensor {
    Tensor(name: name, shape: shape, dataType: type, quantization: quantization)
  }

  fileprivate func quantized(as other: Tensor) -> Tensor { retyped(other.dataType, other.quantization) }
}

extension Operation {
  /// Whether the result has the numbers of the input.
  fileprivate var keepsScale: Bool {
    switch self {
    case .boundary, .flatten, .maxPool: true
    default: false
    }
  }
}
