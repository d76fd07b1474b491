package import ModelGraph

/// Puts fragments together, with a random value for each parameter.
package struct SmallModelBuilder {
  package static let vocabulary = 40
  package static let sequence = 12

  package var graph = GraphBuilder()
  /// What the last segment ended in.
  package private(set) var last = TensorID(0)
  private var parameters: [TensorID: [Float]] = [:]
  private var generator = SeededGenerator(seed: 5)

  package init() {}

  package func model(_ name: String, outputs: [TensorID]) throws(GraphError) -> SmallModel {
    SmallModel(
      name: name, graph: try graph.build(outputs: outputs, limits: Limits(batch: 1, sequence: Self.sequence)), parameters: parameters)
  }

  @discardableResult
  package mutating func endSegment(_ name: String, _ rows: TensorID) -> TensorID {
    last = graph.node("\(name).boundary", .boundary, rows, shape: graph.shape(rows))
    graph.endSegment(name)
    return last
  }

  package mutating func parameter(_ name: String, _ sizes: [Int], around mean: Float = 0, spread: Float? = nil) -> TensorID {
    let id = graph.parameter(name, sizes: sizes)
    let fan = Float(sizes.dropFirst().reduce(1, *))
    let deviation = spread ?? (sizes.count > 1 ? 1 / fan.squareRoot() : 0.1)
    parameters[id] = (0..<sizes.reduce(1, *)).map { _ in mean + generator.normal() * deviation }
    return id
  }

  package mutating func node(
    _ name: String, _ operation: Operation, _ inputs: [TensorID], size: (Window.Size) -> Window.Size?
  ) -> TensorID {
    let shape = graph.shape(inputs[0])
    let positions = shape.imageSize.flatMap(size) ?? Window.Size(height: 1, width: 1)
    return graph.node(name, operation, inputs: inputs, shape: .image(positions, shape.width ?? 1))
  }

  package mutating func convolve(
    _ name: String, _ x: TensorID, _ outputs: Int, _ window: Window, groups: Int = 1, bias: Bool = true, activation: Activation? = nil
  ) -> TensorID {
    let shape = graph.shape(x)
    let channels = (shape.width ?? 1) / groups
    var own = [parameter("\(name).weight", [outputs, window.size.height, window.size.width, channels])]
    if bias { own.append(parameter("\(name).bias", [outputs])) }
    let positions = shape.imageSize.flatMap { window.positions(over: $0) } ?? Window.Size(height: 1, width: 1)
    let result = graph.node(
      name, .convolution(Convolution(window, groups: groups)), x, parameters: own,
      shape: shape.rank == 3 ? .rows(.fixed(positions.width), outputs) : .image(positions, outputs))
    return activation.map { activate("\(name).active", result, $0) } ?? result
  }

  package mutating func activate(_ name: String, _ x: TensorID, _ activation: Activation) -> TensorID {
    graph.node(name, .activation(activation), x, shape: graph.shape(x))
  }

  package mutating func quantize(_ name: String, _ x: TensorID) -> TensorID { graph.node(name, .quantize, x, shape: graph.shape(x)) }

  package mutating func add(_ name: String, _ x: TensorID, _ y: TensorID) -> TensorID {
    graph.node(name, .add, x, y, shape: graph.shape(x))
  }

  /// Two convolutions around which the image goes as it is.
  package mutating func residual(_ name: String, _ x: TensorID) -> TensorID {
    let channels = graph.shape(x).width ?? 1
    let window = Window(3, padding: Window.Padding(1))
    let first = convolve("\(name).1", quantize("\(name).codes", x), channels, window, activation: .relu)
    let second = convolve("\(name).2", first, channels, window)
    return activate("\(name).relu", add("\(name).sum", second, x), .relu)
  }

  package mutating func flatten(_ image: TensorID) -> TensorID {
    let shape = graph.shape(image)
    let size = shape.imageSize ?? Window.Size(height: 1, width: 1)
    return graph.node("flat", .flatten, image, shape: .rows(.fixed(size.height * size.width), shape.width ?? 1))
  }

  package mutating func positions(_ name: String, _ x: TensorID, prefix: Int) -> TensorID {
    let shape = graph.shape(x)
    let rows = (shape.rowCount(sequence: Self.sequence) ?? 0) + prefix
    let width = shape.width ?? 1
    let table = parameter("\(name).table", [rows, width], spread: 0.5)
    return graph.node(name, .positions(prefix: prefix), x, parameters: [table], shape: .rows(.fixed(rows), width))
  }

  package mutating func embedding(_ name: String, _ tokens: TensorID, _ width: Int) -> TensorID {
    let tables = [
      parameter("\(name).words", [Self.vocabulary, width], spread: 1), parameter("\(name).positions", [Self.sequence, width], spread: 0.3),
    ]
    return graph.node("\(name).embedding", .embedding, tokens, parameters: tables, shape: .rows(.sequence, width))
  }

  package mutating func linear(_ name: String, _ x: TensorID, _ outputs: Int) -> TensorID {
    let width = graph.shape(x).width ?? 1
    let own = [parameter("\(name).weight", [outputs, width]), parameter("\(name).bias", [outputs])]
    return graph.node(name, .linear, x, parameters: own, shape: graph.shape(x).withWidth(outputs))
  }

  package mutating func norm(_ name: String, _ x: TensorID) -> TensorID {
    let width = graph.shape(x).width ?? 1
    let own = [parameter("\(name).gain", [width], around: 1), parameter("\(name).shift", [width])]
    return graph.node(name, .layerNorm(epsilon: 1e-5), x, parameters: own, shape: graph.shape(x))
  }

  package mutating func channelNorm(_ name: String, _ x: TensorID) -> TensorID {
    let width = graph.shape(x).width ?? 1
    let own = [parameter("\(name).gain", [width], around: 1), parameter("\(name).shift", [width])]
    return graph.node(name, .channelNorm(epsilon: 1e-5), x, parameters: own, shape: graph.shape(x))
  }

  package mutating func attention(_ name: String, _ queries: TensorID, _ keys: TensorID, heads: Int, causal: Bool = false) -> TensorID {
    let width = graph.shape(queries).width ?? 1
    let query = linear("\(name).query", queries, width)
    let key = linear("\(name).key", keys, width)
    let value = linear("\(name).value", keys, width)
    return graph.node(
      "\(name).attention", .attention(heads: heads, causal: causal), query, key, value, shape: graph.shape(queries))
  }

  /// A pre-norm transformer block.
  package mutating func block(_ name: String, _ x: TensorID, heads: Int, activation: Activation) -> TensorID {
    let width = graph.shape(x).width ?? 1
    let normal = norm("\(name).norm1", x)
    let mixed = linear("\(name).out", attention(name, normal, normal, heads: heads), width)
    let middle = add("\(name).sum1", x, mixed)
    let wide = activate("\(name).active", linear("\(name).up", norm("\(name).norm2", middle), 2 * width), activation)
    return add("\(name).sum2", middle, linear("\(name).down", wide, width))
  }

  package mutating func causal(_ name: String, _ x: TensorID) -> TensorID {
    add("\(name).sum", x, attention(name, x, x, heads: 2, causal: true))
  }

  package mutating func cross(_ name: String, _ queries: TensorID, _ keys: TensorID) -> TensorID {
    let mixed = attention(name, queries, keys, heads: 2)
    let gate = parameter("\(name).gate", [1], around: 0.7)
    return graph.node("\(name).gated", .gatedAdd, inputs: [queries, mixed], parameters: [gate], shape: graph.shape(queries))
  }

  package mutating func concatenate(_ name: String, _ inputs: [TensorID]) -> TensorID {
    let shapes = inputs.map { graph.shape($0) }
    let rows = shapes.dropFirst().reduce(shapes[0].positions ?? .fixed(1)) { $0.joined(with: $1.positions ?? .fixed(1)) ?? .fixed(1) }
    return graph.node(name, .concatenate, inputs: inputs, shape: .rows(rows, shapes[0].width ?? 1))
  }

  package mutating func experts(_ name: String, _ x: TensorID, count: Int) -> TensorID {
    let shape = graph.shape(x)
    let width = shape.width ?? 1
    let router = graph.node(
      "\(name).logits", .linear, x, parameters: [parameter("\(name).router", [count, width])], shape: shape.withWidth(count))
    func product(_ part: String, _ input: TensorID, _ outputs: Int) -> TensorID {
      let inputs = graph.shape(input).width ?? 1
      let own = [
        parameter("\(name).\(part).weight", [count * outputs, inputs]), parameter("\(name).\(part).bias", [count * outputs]),
      ]
      return graph.node(
        "\(name).\(part)", .expertLinear(experts: count), inputs: [input, router], parameters: own, shape: shape.withWidth(outputs))
    }
    let wide = activate("\(name).active", product("up", x, 2 * width), .gelu)
    let gated = graph.node("\(name).gate", .expertGate, product("down", wide, width), router, shape: shape)
    return add("\(name).sum", x, gated)
  }

  package mutating func pool(_ x: TensorID, _ kind: Pool, name: String = "pool") -> TensorID {
    graph.node(name, .pool(kind), x, shape: .vector(graph.shape(x).width ?? 1))
  }

  package mutating func normalized(_ x: TensorID, name: String = "embedding") -> TensorID {
    graph.node(name, .l2Normalize, x, shape: graph.shape(x))
  }
}
