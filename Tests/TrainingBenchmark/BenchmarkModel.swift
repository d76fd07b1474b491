import Autograd
import ModelGraph
import Randomness

/// The students of the benchmark: pictures of 64 by 64 in patches of 8, width 192, 3 heads; texts of 32 tokens, width 384, 12 heads; six
/// layers each, mean pooling, an embedding of 256.
struct BenchmarkModel {
  static let batch = 64
  static let embedding = 256
  private static let words = 30522
  private static let sequence = 32

  let graph: Graph

  static func named(_ name: String) -> BenchmarkModel? {
    var builder = StudentBuilder()
    var outputs: [TensorID] = []
    if ["image", "clip"].contains(name) { outputs.append(builder.image()) }
    if ["text", "clip"].contains(name) { outputs.append(builder.text(words: words, sequence: sequence)) }
    let limits = Limits(batch: batch, sequence: sequence)
    return (try? builder.graph.build(outputs: outputs, limits: limits)).map { BenchmarkModel(graph: $0) }
  }

  func example(_ random: inout CounterRandom) -> Example {
    var example = Example()
    for id in graph.inputs {
      if graph[id].dataType == .int32 {
        example.tokens = (0..<Self.sequence).map { _ in Int32(random.next() % UInt64(Self.words)) }
      } else {
        example.values[id] = (0..<(graph[id].shape.elementCount(batch: 1, sequence: 1) ?? 0)).map { _ in random.normal() }
      }
    }
    return example
  }
}

/// Adds the students' layers to a graph.
private struct StudentBuilder {
  var graph = GraphBuilder()

  mutating func image() -> TensorID {
    let pixels = graph.input("pixels", shape: .image(Window.Size(height: 64, width: 64), 3), dataType: .float32)
    let own = [graph.parameter("patch.weight", 192, 8, 8, 3), graph.parameter("patch.bias", 192)]
    let size = Window.Size(height: 8, width: 8)
    let patches = graph.node(
      "patch", .convolution(Convolution(Window(8, stride: 8))), pixels, parameters: own, shape: .image(size, 192))
    let rows = graph.node("patch.rows", .flatten, patches, shape: .rows(.fixed(64), 192))
    let places = graph.parameter("where", 64, 192)
    let placed = graph.node("positions", .positions(prefix: 0), rows, parameters: [places], shape: graph.shape(rows))
    return trunk("image", placed, heads: 3, isNormFirst: true)
  }

  mutating func text(words: Int, sequence: Int) -> TensorID {
    let tokens = graph.input("tokens", shape: Shape([.batch, .sequence]), dataType: .int32)
    let tables = [graph.parameter("words", words, 384), graph.parameter("places", sequence, 384)]
    let found = graph.node("lookup", .embedding, tokens, parameters: tables, shape: .rows(.sequence, 384))
    return trunk("text", norm("text.norm", found), heads: 12, isNormFirst: false)
  }

  private mutating func trunk(_ name: String, _ input: TensorID, heads: Int, isNormFirst: Bool) -> TensorID {
    var rows = input
    for layer in 0..<6 {
      let stem = "\(name).\(layer)"
      let seen = isNormFirst ? norm("\(stem).norm1", rows) : rows
      var sum = graph.node("\(stem).sum1", .add, rows, attention(stem, seen, heads: heads), shape: graph.shape(rows))
      if !isNormFirst { sum = norm("\(stem).norm1", sum) }
      let inner = isNormFirst ? norm("\(stem).norm2", sum) : sum
      rows = graph.node("\(stem).sum2", .add, sum, feedForward(stem, inner), shape: graph.shape(rows))
      if !isNormFirst { rows = norm("\(stem).norm2", rows) }
    }
    let width = graph.shape(rows).width ?? 1
    let mean = graph.node("\(name).mean", .pool(.mean), rows, shape: .vector(width))
    let head = linear("\(name).head", mean, outputs: BenchmarkModel.embedding)
    let output = graph.node("\(name).embedding", .l2Normalize, head, shape: graph.shape(head))
    graph.endSegment(name)
    return output
  }

  private mutating func attention(_ stem: String, _ input: TensorID, heads: Int) -> TensorID {
    let width = graph.shape(input).width ?? 1
    let parts = ["query", "key", "value"].map { linear("\(stem).\($0)", input, outputs: width) }
    let mixed = graph.node("\(stem).attention", .attention(heads: heads), inputs: parts, shape: graph.shape(input))
    return linear("\(stem).attention-output", mixed, outputs: width)
  }

  private mutating func feedForward(_ stem: String, _ input: TensorID) -> TensorID {
    let width = graph.shape(input).width ?? 1
    let wide = linear("\(stem).up", input, outputs: 4 * width)
    let active = graph.node("\(stem).gelu", .activation(.gelu), wide, shape: graph.shape(wide))
    return linear("\(stem).down", active, outputs: width)
  }

  private mutating func linear(_ name: String, _ input: TensorID, outputs: Int) -> TensorID {
    let own = [graph.parameter("\(name).weight", outputs, graph.shape(input).width ?? 1), graph.parameter("\(name).bias", outputs)]
    return graph.node(name, .linear, input, parameters: own, shape: graph.shape(input).withWidth(outputs))
  }

  private mutating func norm(_ name: String, _ input: TensorID) -> TensorID {
    let width = graph.shape(input).width ?? 1
    let own = [graph.parameter("\(name).weight", width), graph.parameter("\(name).bias", width)]
    return graph.node(name, .layerNorm(epsilon: 1e-5), input, parameters: own, shape: graph.shape(input))
  }
}
