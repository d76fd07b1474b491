import BundleFormat
import ModelGraph

/// Foundation has a `Bundle`, too.
typealias ModelBundle = Bundle

/// A model of every operation, in three segments, small enough to damage it bit by bit.
enum SampleModel {
  static let width = 8

  /// Tokens → embeddings | linear, gelu, attention, add, layer norm | pooling, with float tensors; and a local mean of the embeddings.
  static func floatGraph(withLocalPath: Bool = false) throws -> Graph {
    var builder = GraphBuilder()
    let rows = Shape([.batch, .sequence, .fixed(width)])
    let tokens = builder.input("tokens", shape: Shape([.batch, .sequence]), dataType: .int32)
    let tables = [builder.parameter("word.weight", 9, width), builder.parameter("position.weight", 6, width)]
    let embedded = builder.node("embeddings.sum", .embedding, tokens, parameters: tables, shape: rows)
    let start = builder.node("embeddings", .boundary, embedded, shape: rows)
    builder.endSegment("embeddings")
    let hidden = builder.node(
      "layer.wide", .linear, start, parameters: [builder.parameter("wide.weight", 18, width), builder.parameter("wide.bias", 18)],
      shape: rows.withWidth(18))
    let active = builder.node("layer.gelu", .activation(.gelu), hidden, shape: rows.withWidth(18))
    let narrow = builder.node("layer.narrow", .linear, active, parameters: [builder.parameter("narrow.weight", width, 18)], shape: rows)
    let mixed = builder.node("layer.attention", .attention(heads: 2), narrow, narrow, start, shape: rows)
    let sum = builder.node("layer.sum", .add, mixed, start, shape: rows)
    let norm = [builder.parameter("norm.gain", width), builder.parameter("norm.shift", width)]
    let normal = builder.node("layer.norm", .layerNorm(epsilon: 1e-12), sum, parameters: norm, shape: rows)
    let edge = builder.node("layer", .boundary, normal, shape: rows)
    builder.endSegment("layer")
    let pooled = builder.node("mean", .pool(.mean), edge, shape: Shape([.batch, .fixed(width)]))
    let output = builder.node("embedding", .l2Normalize, pooled, shape: Shape([.batch, .fixed(width)]))
    builder.endSegment("pooling")
    guard withLocalPath else { return try builder.build(outputs: [output], limits: Limits(batch: 2, sequence: 6)) }
    let near = builder.node("local.mean", .pool(.mean), start, shape: Shape([.batch, .fixed(width)]))
    let local = builder.node("local", .l2Normalize, near, shape: Shape([.batch, .fixed(width)]))
    builder.endSegment("local", role: .local)
    return try builder.build(outputs: [output, local], limits: Limits(batch: 2, sequence: 6))
  }

  /// The same graph with int16 activations and int8 matrices. Every activation has one scale, as boundaries ask for.
  static func graph(withLocalPath: Bool = false) throws -> Graph { try quantized(try floatGraph(withLocalPath: withLocalPath)) }

  static func quantized(_ float: Graph) throws -> Graph {
    let parameters = Set(float.parameters)
    let tensors = float.tensors.enumerated().map { index, tensor in
      let id = TensorID(index)
      if float.inputs.contains(id) || float.outputs.contains(id) { return tensor }
      if parameters.contains(id) {
        return tensor.shape.rank == 2 ? Tensor(name: tensor.name, shape: tensor.shape, dataType: .int8, quantization: .rows) : tensor
      }
      return Tensor(
        name: tensor.name, shape: tensor.shape, dataType: .int16, quantization: .tensor(scale: 0x1.234566p-9, limit: 2047))
    }
    return try Graph(
      tensors: tensors, nodes: float.nodes, segments: float.segments, inputs: float.inputs, outputs: float.outputs, limits: float.limits)
  }

  /// Some values for each parameter of a graph.
  static func parameters(of graph: Graph) -> [TensorID: ParameterData] {
    var parameters: [TensorID: ParameterData] = [:]
    for id in graph.parameters {
      let tensor = graph[id]
      let count = tensor.shape.elementCount(batch: 1, sequence: 1) ?? 0
      let rows = tensor.shape.rank == 2 ? count / (tensor.shape.width ?? 1) : 1
      guard tensor.dataType == .int8 else {
        parameters[id] = .float32((0..<count).map { Float($0) / 8 - 1 })
        continue
      }
      let values = (0..<count).map { Int8(($0 * 37 + id.index) % 255 - 127) }
      parameters[id] = .int8Rows(values: values, scales: (0..<rows).map { 0.01 + Float($0) / 1000 })
    }
    return parameters
  }

  static let tokenizer = TokenizerDescription(
    tokens: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "cat", "##s", "été", "狗"].map { Array($0.utf8) }, lowercase: true,
    stripAccents: false, splitChinese: true, unknown: 1, classify: 2, separate: 3, pad: 0, maximumTokens: 6)

  static let notes = [
    Note(key: "general.license", text: "apache-2.0"), Note(key: "tributary.note.report", text: "cosine 0.998 · naïve"),
  ]

  static func contents(withLocalPath: Bool = false) throws -> BundleContents {
    let graph = try graph(withLocalPath: withLocalPath)
    return BundleContents(name: "tiny", graph: graph, parameters: parameters(of: graph), tokenizer: tokenizer, notes: notes)
  }
}
