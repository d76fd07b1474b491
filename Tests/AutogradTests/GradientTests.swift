import Autograd
import ModelGraph
import Testing

private let rows = Shape.rows(.sequence, 6)
private let uneven = Convolution(Window(3, stride: 2, padding: .init(top: 0, bottom: 1, left: 1, right: 0)))
private let image = Shape.image(Window.Size(height: 5, width: 4), 6)

/// A way to put one operation into a graph.
struct GradientCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var absent: [Int: Set<Int>] = [:]
  let build: @Sendable (inout CheckedGraph) -> TensorID
}

extension GradientCase {
  /// An operation over rows or an image that keeps the shape.
  fileprivate static func same(_ name: String, _ operation: ModelGraph.Operation, _ shape: Shape, parameters: [[Int]] = []) -> GradientCase
  {
    GradientCase(testDescription: name) { graph in
      let x = graph.input("x", shape)
      let own = parameters.enumerated().map { graph.builder.parameter("own.\($0.offset)", sizes: $0.element) }
      return graph.builder.node("y", operation, inputs: [x], parameters: own, shape: shape)
    }
  }

  fileprivate static func convolution(_ name: String, _ convolution: Convolution, outputs: Int, hasBias: Bool = true) -> GradientCase {
    GradientCase(testDescription: name) { graph in
      let x = graph.input("x", image)
      let window = convolution.window
      var own = [
        graph.builder.parameter("weight", sizes: [outputs, window.size.height, window.size.width, 6 / convolution.groups])
      ]
      if hasBias { own.append(graph.builder.parameter("bias", outputs)) }
      let positions = window.positions(over: Window.Size(height: 5, width: 4)) ?? window.size
      return graph.builder.node("y", .convolution(convolution), inputs: [x], parameters: own, shape: .image(positions, outputs))
    }
  }

  fileprivate static let all: [GradientCase] =
    [
      same("linear", .linear, rows, parameters: [[6, 6], [6]]), same("linear-without-bias", .linear, rows, parameters: [[6, 6]]),
      same("layer-norm", .layerNorm(epsilon: 1e-5), rows, parameters: [[6], [6]]),
      same("channel-norm", .channelNorm(epsilon: 1e-2), rows, parameters: [[6], [6]]), same("boundary", .boundary, rows),
      same("quantize", .quantize, rows), same("positions", .positions(prefix: 0), rows, parameters: [[8, 6]]),
      convolution("convolution", Convolution(Window(3, padding: .init(1))), outputs: 4),
      convolution("convolution-stride", uneven, outputs: 4),
      convolution("convolution-without-bias", Convolution(Window(2)), outputs: 3, hasBias: false),
      convolution("convolution-groups", Convolution(Window(3, padding: .init(1)), groups: 2), outputs: 4),
      convolution("convolution-point", Convolution(Window(1)), outputs: 5),
      convolution("convolution-point-stride", Convolution(Window(1, stride: 2)), outputs: 5),
      convolution("depthwise", Convolution(Window(3, padding: .init(1)), groups: 6), outputs: 6),
      convolution("depthwise-stride", Convolution(Window(3, stride: 2, padding: .init(1)), groups: 6), outputs: 6, hasBias: false),
      GradientCase(testDescription: "flatten") { graph in
        graph.builder.node("y", .flatten, graph.input("x", image), shape: .rows(.fixed(20), 6))
      },
      GradientCase(testDescription: "max-pool") { graph in
        let window = Window(3, stride: 2, padding: .init(1))
        return graph.builder.node("y", .maxPool(window), graph.input("x", image), shape: .image(Window.Size(height: 3, width: 2), 6))
      },
    ] + Activation.allCases.map { same($0.rawValue, .activation($0), rows) } + pools + several

  private static let pools = Pool.allCases.map { kind in
    GradientCase(testDescription: "\(kind.rawValue)-pool") { graph in
      let pooled = graph.builder.node("pooled", .pool(kind), graph.input("x", rows), shape: .vector(6))
      return graph.builder.node("y", .l2Normalize, pooled, shape: .vector(6))
    }
  }

  private static let several: [GradientCase] = [
    GradientCase(testDescription: "add-with-itself") { graph in
      let x = graph.input("x", rows)
      return graph.builder.node("y", .add, x, x, shape: rows)
    },
    GradientCase(testDescription: "gated-add") { graph in
      let (x, y) = (graph.input("x", rows), graph.input("z", rows))
      return graph.builder.node("y", .gatedAdd, x, y, parameters: [graph.builder.parameter("gate", 1)], shape: rows)
    },
    GradientCase(testDescription: "prefix") { graph in
      let table = graph.builder.parameter("table", 12, 6)
      return graph.builder.node(
        "y", .positions(prefix: 2), graph.input("x", rows), parameters: [table], shape: .rows(.extendedSequence(by: 2), 6))
    },
    GradientCase(testDescription: "attention") { graph in
      let (q, k, v) = (graph.input("q", rows), graph.input("k", rows), graph.input("v", rows))
      return graph.builder.node("y", .attention(heads: 3), q, k, v, shape: rows)
    },
    GradientCase(testDescription: "self-attention-causal") { graph in
      let x = graph.input("x", rows)
      return graph.builder.node("y", .attention(heads: 1, causal: true), x, x, x, shape: rows)
    },
    GradientCase(testDescription: "attention-to-what-may-be-absent", absent: [1: [1]]) { graph in
      let (x, seen) = (graph.input("x", rows), graph.input("seen", .rows(.fixed(2), 6)))
      let found = graph.builder.node("found", .attention(heads: 3), x, seen, seen, shape: rows)
      return graph.builder.node("y", .add, x, found, shape: rows)
    },
    GradientCase(testDescription: "concatenate-what-may-be-absent", absent: [0: [1], 2: [0]]) { graph in
      let (a, b) = (graph.input("a", rows), graph.input("b", .rows(.fixed(2), 6)))
      let all = Shape.rows(.extendedSequence(by: 2), 6)
      let joined = graph.builder.node("joined", .concatenate, a, b, shape: all)
      return graph.builder.node("y", .activation(.gelu), joined, shape: all)
    },
    GradientCase(testDescription: "experts") { graph in
      let (x, logits) = (graph.input("x", rows), graph.input("logits", .rows(.sequence, 3)))
      let own = [graph.builder.parameter("weight", 12, 6), graph.builder.parameter("bias", 12)]
      let shape = Shape.rows(.sequence, 4)
      let found = graph.builder.node("found", .expertLinear(experts: 3), x, logits, parameters: own, shape: shape)
      return graph.builder.node("y", .expertGate, found, logits, shape: shape)
    },
    GradientCase(testDescription: "embedding") { graph in
      let tokens = graph.builder.input("tokens", shape: Shape([.batch, .sequence]), dataType: .int32)
      let own = [graph.builder.parameter("table", 5, 6), graph.builder.parameter("positions", 8, 6)]
      let found = graph.builder.node("found", .embedding, tokens, parameters: own, shape: rows)
      return graph.builder.node("y", .activation(.quickGelu), found, shape: rows)
    },
  ]
}

@Suite struct GradientTests {
  @Test(arguments: GradientCase.all) func gradientsAreDifferences(example: GradientCase) throws {
    var graph = CheckedGraph()
    let output = example.build(&graph)
    let (built, examples) = try graph.build([output], absent: example.absent)
    let errors = try GradientCheck(built, examples: examples).errors()
    #expect(!errors.isEmpty)
    for (name, error) in errors { #expect(error < 3e-3, "\(name): \(error)") }
  }

  @Test(arguments: [true, false]) func gradientsThroughBatchNormAreDifferences(isTraining: Bool) throws {
    var graph = CheckedGraph()
    let x = graph.input("x", image)
    let own = [graph.builder.parameter("weight", sizes: [4, 3, 3, 6]), graph.builder.parameter("bias", 4)]
    let size = Window.Size(height: 3, width: 2)
    let output = graph.builder.node("y", .convolution(Convolution(Window(3))), inputs: [x], parameters: own, shape: .image(size, 4))
    let (built, examples) = try graph.build([output])
    let normal = BatchNormalization.everywhere(in: built)
    #expect(normal.nodes == ["y"])
    let check = try GradientCheck(built, examples: examples, normalization: normal)
    // Running averages move with every batch in training, but the batch's own results do not depend on them.
    let errors = check.errors(isTraining: isTraining)
    #expect(Set(errors.keys) == ["x.matrix", "weight", "weight.norm.gain", "bias"])
    for (name, error) in errors { #expect(error < 5e-3, "\(name): \(error)") }
  }

  /// A value that several nodes read gets the sum of what they give, whatever the order.
  @Test func fanInAddsUp() throws {
    var graph = CheckedGraph()
    let x = graph.input("x", rows)
    let gelu = graph.builder.node("gelu", .activation(.gelu), x, shape: rows)
    let sum = graph.builder.node("sum", .add, x, gelu, shape: rows)
    let mixed = graph.builder.node("mixed", .attention(heads: 1), sum, x, gelu, shape: rows)
    let both = graph.builder.node("both", .add, mixed, sum, shape: rows)
    let (built, examples) = try graph.build([both, gelu])
    for (name, error) in try GradientCheck(built, examples: examples).errors() { #expect(error < 3e-3, "\(name): \(error)") }
  }

  /// Padding does not exist: each example of a batch gives what it gives alone.
  @Test func examplesDoNotSeeEachOther() throws {
    var graph = CheckedGraph()
    let (x, seen) = (graph.input("x", rows), graph.input("seen", .rows(.fixed(2), 6)))
    let found = graph.builder.node("found", .attention(heads: 3, causal: false), x, seen, seen, shape: rows)
    let sum = graph.builder.node("sum", .add, x, found, shape: rows)
    let pooled = graph.builder.node("pooled", .pool(.mean), sum, shape: .vector(6))
    let (built, examples) = try graph.build([pooled], lengths: [3, 1, 4, 2], absent: [2: [1]])
    let check = try GradientCheck(built, examples: examples)
    check.tape.forward()
    let together = try #require(check.tape[pooled]).matrix.values
    var alone: [Float] = []
    for example in examples {
      try check.tape.load([example])
      check.tape.forward()
      alone += try #require(check.tape[pooled]).matrix.values
    }
    for (a, b) in zip(together, alone) { #expect(abs(a - b) < 1e-5) }
    #expect(together.count == 24 && alone.count == 24)
  }

  /// Gradients add up over batches until they are used.
  @Test func batchesAccumulate() throws {
    var graph = CheckedGraph()
    let x = graph.input("x", rows)
    let (built, examples) = try graph.build([graph.builder.node("y", .activation(.gelu), x, shape: rows)])
    let tape = try GradientCheck(built, examples: examples).tape
    let gradients = try #require(tape.gradients)
    func run(_ batch: [Example]) throws {
      try tape.load(batch)
      tape.forward()
      tape.gradient(of: built.outputs[0]).map { $0.start.update(repeating: 1, count: $0.count) }
      tape.backward()
    }
    try run(examples)
    let whole = Array(gradients[0])
    gradients.memory.values.update(repeating: 0)
    for example in examples { try run([example]) }
    for (a, b) in zip(whole, gradients[0]) { #expect(abs(a - b) < 1e-4) }
  }

  @Test func frozenParametersGetNoGradient() throws {
    var graph = CheckedGraph()
    let x = graph.input("x", rows)
    let weight = graph.builder.parameter("weight", 6, 6)
    let y = graph.builder.node("y", .linear, x, parameters: [weight], shape: rows)
    let (built, examples) = try graph.build([y])
    let program = try Program(built, frozen: ["weight"])
    let tape = Tape(program, parameters: program.initialParameters(seed: 3), workers: try Workers(count: 1))
    try tape.load(examples)
    tape.forward()
    let gradient = try #require(tape.gradient(of: y))
    gradient.start.update(repeating: 1, count: gradient.count)
    tape.backward()
    let gradients = try #require(tape.gradients)
    let place = try #require(program.layout["weight"])
    #expect(gradients[place].allSatisfy { $0 == 0 })
    #expect(gradients[try #require(program.layout["x.matrix"])].contains { $0 != 0 })
  }

  @Test func rowsThatComeApartAreRefused() throws {
    var graph = CheckedGraph()
    let (a, b) = (graph.input("a", rows), graph.input("b", rows))
    let (built, examples) = try graph.build([graph.builder.node("y", .add, a, b, shape: rows)], absent: [1: [1]])
    #expect(throws: InterpreterError.differentRows(node: "y")) { try GradientCheck(built, examples: examples) }
  }
}
