package import ModelGraph

/// A small float model with random parameters, and what its inputs are like.
package struct SmallModel: Sendable {
  package let name: String
  package let graph: Graph
  package let parameters: [TensorID: [Float]]

  /// Values of every float input that are like those of a request: normal, but for tokens.
  package func values(seed: UInt64) -> [TensorID: [Float]] {
    var generator = SeededGenerator(seed: seed)
    var values: [TensorID: [Float]] = [:]
    for id in graph.inputs where graph[id].dataType == .float32 {
      let count = graph[id].shape.elementCount(batch: 1, sequence: graph.limits.sequence) ?? 0
      values[id] = (0..<count).map { _ in generator.normal() }
    }
    return values
  }

  /// Token identifiers, where the model takes some.
  package func tokens(_ count: Int, seed: UInt64) -> [Int32]? {
    guard graph.inputs.contains(where: { graph[$0].dataType == .int32 }) else { return nil }
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Int32.random(in: 0..<Int32(SmallModelBuilder.vocabulary), using: &generator) }
  }

  package static let all: [SmallModel] = (try? [convolutional(), vision(), sound(), fusion(), decoder()]) ?? []

  /// Strided, padded, grouped by channel and pointwise convolutions, maxima, a residual sum and a head, over an image of odd size.
  package static func convolutional() throws(GraphError) -> SmallModel {
    var builder = SmallModelBuilder()
    let pixels = builder.graph.input("pixels", shape: .image(Window.Size(height: 23, width: 19), 3), dataType: .float32)
    let stem = builder.convolve("stem", pixels, 20, Window(7, stride: 2, padding: Window.Padding(3)), activation: .relu)
    let window = Window(3, stride: 2, padding: Window.Padding(1))
    let small = builder.node("stem.max", .maxPool(window), [stem]) { window.positions(over: $0) }
    let block = builder.residual("block", small)
    builder.endSegment("stem", block)
    let codes = builder.quantize("wide.codes", builder.last)
    let wide = builder.convolve("wide", codes, 48, Window(1), activation: .relu6)
    let deep = builder.convolve(
      "deep", wide, 48, Window(3, stride: 2, padding: Window.Padding(top: 0, bottom: 1, left: 0, right: 1)), groups: 48, activation: .relu6)
    let deeper = builder.convolve("deeper", deep, 48, Window(2), groups: 48, activation: .relu6)
    let narrow = builder.convolve("narrow", deeper, 33, Window(1))
    let pooled = builder.pool(narrow, .mean)
    let logits = builder.linear("logits", pooled, 10)
    builder.graph.endSegment("head")
    return try builder.model("convolutional", outputs: [logits])
  }

  /// Patches, a class token, pre-norm blocks and an embedding.
  package static func vision() throws(GraphError) -> SmallModel {
    var builder = SmallModelBuilder()
    let pixels = builder.graph.input("pixels", shape: .image(Window.Size(height: 20, width: 28), 3), dataType: .float32)
    let patches = builder.convolve("patches", pixels, 36, Window(4, stride: 4))
    let rows = builder.flatten(patches)
    builder.endSegment("patches", builder.positions("positions", rows, prefix: 1))
    builder.endSegment("encoder.0", builder.block("encoder.0", builder.last, heads: 3, activation: .gelu))
    let last = builder.block("encoder.1", builder.last, heads: 3, activation: .quickGelu)
    builder.endSegment("encoder.1", builder.norm("norm", last))
    let embedding = builder.normalized(builder.linear("projection", builder.pool(builder.last, .first), 24))
    builder.graph.endSegment("pooling")
    return try builder.model("vision", outputs: [embedding])
  }

  /// Windows of a signal, a norm over channels, a grouped positional convolution and a block.
  package static func sound() throws(GraphError) -> SmallModel {
    var builder = SmallModelBuilder()
    let samples = builder.graph.input("samples", shape: .rows(.fixed(400), 1), dataType: .float32)
    let first = builder.convolve("first", samples, 32, Window(signal: 10, stride: 5), bias: false)
    let normal = builder.channelNorm("channel-norm", first)
    let active = builder.activate("first.gelu", normal, .gelu)
    let second = builder.convolve("second", active, 32, Window(signal: 3, stride: 2), activation: .gelu)
    builder.endSegment("features", builder.linear("projection", builder.norm("norm", second), 64))
    let codes = builder.quantize("positional.codes", builder.last)
    let positional = builder.convolve(
      "positional", codes, 64, Window(signal: 16, before: 8, after: 7), groups: 4, activation: .gelu)
    let placed = builder.add("placed", builder.last, positional)
    builder.endSegment("encoder.0", builder.block("encoder.0", placed, heads: 2, activation: .gelu))
    let embedding = builder.normalized(builder.pool(builder.last, .mean))
    builder.graph.endSegment("pooling")
    return try builder.model("sound", outputs: [embedding])
  }

  /// Three streams, each a subnet that ends in a boundary, then cross-attention behind a gate, experts, causal attention over the text
  /// and a mean over all rows; beside it a local fusion with an output of its own.
  package static func fusion() throws(GraphError) -> SmallModel {
    var builder = SmallModelBuilder()
    let width = 32
    let image = builder.graph.input("image", shape: .rows(.fixed(9), 20), dataType: .float32)
    let sound = builder.graph.input("sound", shape: .rows(.fixed(7), 24), dataType: .float32)
    let text = builder.graph.input("tokens", shape: Shape([.batch, .sequence]), dataType: .int32)
    let imageRows = builder.endSegment("image", builder.positions("image.positions", builder.linear("image.in", image, width), prefix: 0))
    let soundRows = builder.endSegment("sound", builder.linear("sound.in", sound, width))
    let words = builder.causal("text.causal", builder.embedding("text", text, width))
    let textRows = builder.endSegment("text", words)
    let seeing = builder.cross("cross", textRows, imageRows)
    let all = builder.concatenate("all", [soundRows, seeing, imageRows])
    let fused = builder.experts("experts", builder.block("fusion.0", all, heads: 4, activation: .gelu), count: 3)
    builder.endSegment("fusion.0", fused)
    let embedding = builder.normalized(builder.pool(builder.last, .mean))
    builder.graph.endSegment("head")
    let near = builder.linear("local.in", builder.concatenate("local.all", [soundRows, textRows, imageRows]), 16)
    let local = builder.normalized(builder.pool(builder.norm("local.norm", near), .mean, name: "local.pool"), name: "local")
    builder.graph.endSegment("local", role: .local)
    return try builder.model("fusion", outputs: [embedding, local])
  }

  /// A causal decoder that looks at an image, with logits for each token.
  package static func decoder() throws(GraphError) -> SmallModel {
    var builder = SmallModelBuilder()
    let image = builder.graph.input("image", shape: .rows(.fixed(9), 20), dataType: .float32)
    let text = builder.graph.input("tokens", shape: Shape([.batch, .sequence]), dataType: .int32)
    let memory = builder.endSegment("image", builder.norm("image.norm", builder.linear("image.in", image, 32)))
    var rows = builder.embedding("text", text, 32)
    for layer in 0..<2 {
      rows = builder.cross("decoder.\(layer).cross", builder.causal("decoder.\(layer).self", rows), memory)
    }
    builder.endSegment("decoder", builder.norm("norm", rows))
    let logits = builder.linear("logits", builder.last, SmallModelBuilder.vocabulary)
    builder.graph.endSegment("head")
    return try builder.model("decoder", outputs: [logits])
  }
}
