import ModelGraph
import TestSupport

extension GraphParts {
  /// A small encoder, to be damaged by tests: ids → embedding → boundary | linear → gelu → add → pool → normalise.
  init() throws(GraphError) {
    var builder = GraphBuilder()
    let rows = Shape([.batch, .sequence, .fixed(6)])
    let ids = builder.input("ids", shape: Shape([.batch, .sequence]), dataType: .int32)
    let tokens = builder.parameter("tokens", 10, 6)
    let positions = builder.parameter("positions", 8, 6)
    let embedded = builder.node("embedded", .embedding, ids, parameters: [tokens, positions], shape: rows)
    let crossing = builder.node("crossing", .boundary, embedded, shape: rows)
    builder.endSegment("first")
    let weight = builder.parameter("weight", 6, 6)
    let bias = builder.parameter("bias", 6)
    let product = builder.node("product", .linear, crossing, parameters: [weight, bias], shape: rows)
    let active = builder.node("active", .activation(.gelu), product, shape: rows)
    let sum = builder.node("sum", .add, active, crossing, shape: rows)
    let pooled = builder.node("pooled", .pool(.mean), sum, shape: Shape([.batch, .fixed(6)]))
    let result = builder.node("result", .l2Normalize, pooled, shape: Shape([.batch, .fixed(6)]))
    builder.endSegment("second")
    let graph = try builder.build(outputs: [result], limits: Limits(batch: 1, sequence: 8))
    self.init(graph)
  }
}
