package import BundleFormat
package import ModelGraph

/// A small quantised text encoder with random parameters: two transformer layers, or as many as asked for, of an awkward width.
package struct TinyModel {
  package var width = 22
  package var heads = 1
  package var layers = 2
  package var inner = 37
  package var vocabulary = 50
  package var sequence = 70
  package var seed: UInt64 = 1

  package init() {}

  /// The float graph.
  package func graph() throws(GraphError) -> Graph {
    var builder = GraphBuilder()
    let rows = Shape([.batch, .sequence, .fixed(width)])
    let ids = builder.input("ids", shape: Shape([.batch, .sequence]), dataType: .int32)
    let tables = [builder.parameter("tokens", vocabulary, width), builder.parameter("positions", sequence, width)]
    let embedded = builder.node("embeddings", .embedding, ids, parameters: tables, shape: rows)
    var state = builder.node("embeddings.out", .boundary, embedded, shape: rows)
    builder.endSegment("embeddings")
    for layer in 0..<layers { state = addLayer("encoder.\(layer)", state, to: &builder) }
    let pooled = builder.node("pool", .pool(.mean), state, shape: Shape([.batch, .fixed(width)]))
    let result = builder.node("embedding", .l2Normalize, pooled, shape: Shape([.batch, .fixed(width)]))
    builder.endSegment("pooling")
    return try builder.build(outputs: [result], limits: Limits(batch: 1, sequence: sequence))
  }

  private func addLayer(_ name: String, _ state: TensorID, to builder: inout GraphBuilder) -> TensorID {
    let rows = builder.shape(state)
    func linear(_ part: String, _ input: TensorID, _ inputs: Int, _ outputs: Int) -> TensorID {
      let parameters = [
        builder.parameter("\(name).\(part).weight", outputs, inputs), builder.parameter("\(name).\(part).bias", outputs),
      ]
      return builder.node("\(name).\(part)", .linear, input, parameters: parameters, shape: rows.withWidth(outputs))
    }
    func norm(_ part: String, _ input: TensorID) -> TensorID {
      let parameters = [builder.parameter("\(name).\(part).gain", width), builder.parameter("\(name).\(part).shift", width)]
      return builder.node("\(name).\(part)", .layerNorm(epsilon: 1e-5), input, parameters: parameters, shape: rows)
    }
    let query = linear("query", state, width, width)
    let key = linear("key", state, width, width)
    let value = linear("value", state, width, width)
    let mixed = builder.node("\(name).attention", .attention(heads: heads), query, key, value, shape: rows)
    let projected = linear("projection", mixed, width, width)
    let middle = norm("norm1", builder.node("\(name).add1", .add, projected, state, shape: rows))
    let wide = linear("inner", middle, width, inner)
    let active = builder.node("\(name).gelu", .activation(.gelu), wide, shape: rows.withWidth(inner))
    let narrow = linear("outer", active, inner, width)
    let normed = norm("norm2", builder.node("\(name).add2", .add, narrow, middle, shape: rows))
    let result = builder.node("\(name).out", .boundary, normed, shape: rows)
    builder.endSegment(name)
    return result
  }

  /// The quantised graph with its parameters, ready to be written.
  package func contents() throws(GraphError) -> BundleContents {
    let float = try graph()
    let parameters = Set(float.parameters)
    let attended = Set(float.nodes.filter { $0.operation == .attention(heads: heads) }.flatMap { $0.inputs })
    let tensors = float.tensors.enumerated().map { index, tensor in
      let id = TensorID(index)
      if parameters.contains(id) {
        return tensor.shape.rank == 1
          ? tensor : Tensor(name: tensor.name, shape: tensor.shape, dataType: .int8, quantization: .rows)
      }
      if float.inputs.contains(id) || float.outputs.contains(id) { return tensor }
      let limit = attended.contains(id) ? 2047 : 32767
      return Tensor(
        name: tensor.name, shape: tensor.shape, dataType: .int16, quantization: .tensor(scale: 8 / Float(limit), limit: limit))
    }
    let graph = try Graph(
      tensors: tensors, nodes: float.nodes, segments: float.segments, inputs: float.inputs, outputs: float.outputs,
      limits: float.limits)
    return BundleContents(name: "tiny", random: graph, seed: seed)
  }
}
