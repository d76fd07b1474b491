import ModelGraph
import TestSupport
import Testing

@Suite struct GraphVerifierTests {
  @Test func acceptsASoundGraph() throws {
    let graph = try GraphParts().graph()
    #expect(graph.splitPoints.map(\.name) == ["first"])
    #expect(graph.parameters.map { graph[$0].name } == ["tokens", "positions", "weight", "bias"])
    #expect(graph.multiplyAccumulates(sequence: 5) == 5 * 6 * 6)
    #expect(graph.featureByteCount(at: graph.splitPoints[0], sequence: 4) == 4 * 9)
  }

  @Test func refusesACycle() throws {
    var parts = try GraphParts()
    parts.replace(node: "product", inputs: [parts.id("active")])
    #expect(parts.refusal == .cycle(node: "product", tensor: "active"))
  }

  @Test func refusesANodeThatReadsItself() throws {
    var parts = try GraphParts()
    parts.replace(node: "sum", inputs: [parts.id("active"), parts.id("sum")])
    #expect(parts.refusal == .cycle(node: "sum", tensor: "sum"))
  }

  @Test func refusesDanglingReferences() throws {
    var parts = try GraphParts()
    parts.replace(node: "product", inputs: [TensorID(99)])
    #expect(parts.refusal == .unknownTensor(node: "product", index: 99))
    parts = try GraphParts()
    parts.replace(node: "product", inputs: [TensorID(-1)])
    #expect(parts.refusal == .unknownTensor(node: "product", index: -1))
    parts = try GraphParts()
    parts.tensors.append(Tensor(name: "nobody", shape: Shape(3)))
    #expect(parts.refusal == .unused(tensor: "nobody"))
    parts = try GraphParts()
    parts.tensors.append(Tensor(name: "nothing", shape: parts.tensors[parts.id("crossing").index].shape))
    parts.replace(node: "product", inputs: [parts.id("nothing")])
    #expect(parts.refusal == .undefinedInput(node: "product", tensor: "nothing"))
  }

  @Test func refusesATensorWrittenTwice() throws {
    var parts = try GraphParts()
    parts.replace(node: "sum", output: parts.id("active"))
    #expect(parts.refusal == .writtenTwice(tensor: "active"))
  }

  @Test func refusesAnInputThatIsAParameter() throws {
    var parts = try GraphParts()
    parts.inputs.append(parts.id("weight"))
    #expect(parts.refusal == .writtenTwice(tensor: "weight"))
  }

  @Test(arguments: [0, -1, Int.min, 1 << 24 + 1, Int.max])
  func refusesImpossibleDimensions(size: Int) throws {
    var parts = try GraphParts()
    parts.replace("weight", shape: Shape(6, size))
    #expect(parts.refusal == .badShape(tensor: "weight", shape: Shape(6, size)))
  }

  @Test func refusesShapesWhoseProductOverflows() throws {
    var parts = try GraphParts()
    let shape = Shape(1 << 24, 1 << 24, 1 << 24)
    parts.replace("weight", shape: shape)
    #expect(parts.refusal == .badShape(tensor: "weight", shape: shape))
  }

  @Test func refusesShapesThatDoNotFit() throws {
    var parts = try GraphParts()
    parts.replace("weight", shape: Shape(6, 5))
    #expect(parts.refusal == .wrongShape(node: "product", tensor: "weight", expected: "[6,6]", found: Shape(6, 5)))
    parts = try GraphParts()
    parts.replace("positions", shape: Shape(7, 6))
    #expect(parts.refusal == .wrongShape(node: "embedded", tensor: "positions", expected: "at least 8 rows", found: Shape(7, 6)))
  }

  @Test(arguments: ["", "with space", "comma,", "umlaut-ä", String(repeating: "x", count: 129)])
  func refusesBadNames(name: String) throws {
    var parts = try GraphParts()
    parts.tensors[0] = Tensor(name: name, shape: parts.tensors[0].shape, dataType: .int32)
    #expect(parts.refusal == .badName(name))
  }

  @Test func refusesDuplicateNames() throws {
    var parts = try GraphParts()
    parts.segments[1] = Segment(name: "first", nodes: parts.segments[1].nodes)
    #expect(parts.refusal == .duplicateName("first"))
  }

  @Test(arguments: [Float.nan, .infinity, 0, -1, 1e-30, 1e30])
  func refusesBadScales(scale: Float) throws {
    var parts = try GraphParts()
    parts.replace("embedded", dataType: .int16, quantization: .tensor(scale: scale, limit: 32767))
    #expect(parts.refusal == .badScale(tensor: "embedded"))
  }

  @Test func refusesMixedPrecision() throws {
    var parts = try GraphParts()
    parts.replace("active", dataType: .int16, quantization: .tensor(scale: 1, limit: 32767))
    #expect(parts.refusal == .wrongType(node: "active", tensor: "active", found: .int16))
  }

  @Test func refusesSegmentsThatDoNotCoverTheNodes() throws {
    var parts = try GraphParts()
    parts.segments[1] = Segment(name: "second", nodes: 3..<parts.nodes.count)
    #expect(parts.refusal == .badSegment("second"))
    parts = try GraphParts()
    parts.segments.removeLast()
    #expect(parts.refusal == .badSegment("first"))
  }

  @Test func seesNoSplitPointWhereMoreThanBoundariesCrosses() throws {
    var parts = try GraphParts()
    parts.replace(node: "sum", inputs: [parts.id("active"), parts.id("embedded")])
    #expect(try parts.graph().splitPoints.isEmpty)
  }

  @Test(arguments: [Float.nan, 0, -1, 1])
  func refusesBadAttributes(epsilon: Float) throws {
    var parts = try GraphParts()
    let index = try #require(parts.nodes.firstIndex { $0.name == "active" })
    parts.nodes[index] = Node(
      name: "active", operation: .layerNorm(epsilon: epsilon), inputs: [parts.id("product")],
      parameters: [parts.id("bias"), parts.id("bias")], output: parts.id("active"))
    #expect(parts.refusal == .badAttribute(node: "active", attribute: "epsilon"))
  }

  @Test func refusesHeadsThatDoNotDivideTheWidth() throws {
    for heads in [0, -1, 4, 6, Int.min] {
      var parts = try GraphParts()
      let crossing = parts.id("crossing")
      parts.replace(node: "sum", operation: .attention(heads: heads), inputs: [crossing, parts.id("active"), crossing])
      #expect(parts.refusal == .badAttribute(node: "sum", attribute: "heads"))
    }
  }

  /// Groups of several channels have kernels where they fill whole blocks and their windows have one line.
  @Test(arguments: [(1, 16, true), (3, 16, false), (1, 8, false)]) func groupsHaveKernels(height: Int, outputs: Int, isServed: Bool) throws
  {
    var parts = SmallModelBuilder()
    let image = parts.graph.input("image", shape: .image(Window.Size(height: 6, width: 6), 8), dataType: .float32)
    let window = Window(size: Window.Size(height: height, width: 3), stride: Window.Size(height: 1, width: 1))
    let grouped = parts.convolve("grouped", image, 2 * outputs, window, groups: 2, bias: false)
    parts.graph.endSegment("all")
    let float = try parts.model("grouped", outputs: [grouped]).graph
    let types: [String: (DataType, Quantization)] = [
      "image": (.uint8, .codes(scale: 1, zero: 0)), "grouped.weight": (.int8, .rows), "grouped": (.int16, .tensor(scale: 1, limit: 32767)),
    ]
    let tensors = float.tensors.map { tensor in
      let (type, quantization) = types[tensor.name] ?? (.float32, .none)
      return Tensor(name: tensor.name, shape: tensor.shape, dataType: type, quantization: quantization)
    }
    func quantized() throws(GraphError) {
      _ = try Graph(
        tensors: tensors, nodes: float.nodes, segments: float.segments, inputs: float.inputs, outputs: float.outputs, limits: float.limits)
    }
    if isServed {
      try quantized()
    } else {
      #expect(throws: GraphError.badAttribute(node: "grouped", attribute: "groups")) { try quantized() }
    }
  }

  @Test func survivesRandomDamage() throws {
    var generator = SeededGenerator(seed: 7)
    let sound = try GraphParts().graph()
    let count = scaled(300_000)
    var accepted = 0
    for turn in 0..<count {
      // A third of the graphs have all operations, by chance.
      guard let graph = turn % 3 == 0 ? RandomGraph.make(seed: UInt64(turn / 300)) : sound else { continue }
      var parts = GraphParts(graph)
      parts.damage(using: &generator)
      if parts.refusal == nil { accepted += 1 }
    }
    #expect((1..<count / 2).contains(accepted))
  }
}
