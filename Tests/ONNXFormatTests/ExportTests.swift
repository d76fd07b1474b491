import BundleFormat
import ModelGraph
import ONNXFormat
import TestSupport
import Testing

/// What is written. That ONNX Runtime computes the runtime's bits from it is checked by tools/oracles/onnx_export.py.
@Suite struct ExportTests {
  private func bundle(_ graph: Graph, seed: UInt64 = 1) throws -> Bundle {
    let folder = try TemporaryDirectory()
    let contents = BundleContents(name: "model", random: graph, seed: seed)
    try BundleWriter.write(contents, to: folder.path + "/model.gguf")
    return try Bundle(path: folder.path + "/model.gguf")
  }

  /// The mean of rows of sound and text.
  private func twoModalities() throws -> Graph {
    var builder = GraphBuilder()
    let samples = builder.input("samples", shape: .rows(.fixed(40), 1), dataType: .float32)
    let tokens = builder.input("tokens", shape: Shape([.batch, .sequence]), dataType: .int32)
    let kernel = builder.parameter("kernel", sizes: [16, 1, 8, 1])
    let heard = builder.node(
      "heard", .convolution(Convolution(Window(signal: 8, stride: 8))), inputs: [samples], parameters: [kernel],
      shape: .rows(.fixed(5), 16))
    let tables = [builder.parameter("words", sizes: [9, 16]), builder.parameter("places", sizes: [4, 16])]
    let read = builder.node("read", .embedding, inputs: [tokens], parameters: tables, shape: .rows(.sequence, 16))
    let all = builder.node("all", .concatenate, inputs: [heard, read], shape: .rows(.extendedSequence(by: 5), 16))
    let mean = builder.node("mean", .pool(.mean), inputs: [all], shape: .vector(16))
    builder.endSegment("all")
    return try builder.build(outputs: [all, mean], limits: Limits(batch: 1, sequence: 4)).quantizedAnyhow()
  }

  /// Two rows of tokens through one product.
  @Test func aProductIsWrittenInItsKernelsSteps() throws {
    var builder = GraphBuilder()
    let rows = builder.input("rows", shape: .rows(.fixed(2), 16), dataType: .float32)
    let parameters = [builder.parameter("weight", sizes: [16, 16]), builder.parameter("bias", sizes: [16])]
    let product = builder.node("product", .linear, inputs: [rows], parameters: parameters, shape: .rows(.fixed(2), 16))
    builder.endSegment("all")
    let graph = try builder.build(outputs: [product], limits: Limits(batch: 1, sequence: 1)).quantizedAnyhow()
    let model = ReadModel(try ONNXModel(bundle(graph)).bytes)
    let coding = [
      "ReduceMin", "Min", "ReduceMax", "Max", "Sub", "Max", "Div", "Neg", "Mul", "Round", "Mul", "Round", "Add", "Clip", "Cast", "Div",
    ]
    let multiplying = ["MatMulInteger", "Cast", "Mul", "Sub", "Cast", "Mul", "Mul", "Add"]
    let rounding = ["Clip", "QuantizeLinear", "DequantizeLinear"]
    #expect(model.nodes.map(\.type) == rounding + coding + multiplying + rounding + ["DequantizeLinear"])
    #expect(model.inputs == ["rows"] && model.outputs == ["product"])
  }

  /// Graphs of every operation: what a node reads was there before, every constant is read, every matrix is there as it is in the bundle.
  @Test func graphsAreWhole() throws {
    var written: Set<String> = []
    for seed in 0..<80 as Range<UInt64> {
      guard let graph = RandomGraph.make(seed: seed) else { continue }
      let bundle = try bundle(graph, seed: seed)
      let bytes = try ONNXModel(bundle).bytes
      #expect(try ONNXModel(bundle).bytes == bytes, "\(seed)")
      let model = ReadModel(bytes)
      var known = Set(model.inputs + model.constants.map(\.name))
      #expect(known.count == model.inputs.count + model.constants.count, "\(seed)")
      for node in model.nodes {
        #expect(known.isSuperset(of: node.inputs) && known.insert(node.output).inserted, "\(seed): \(node)")
        written.insert(node.type)
      }
      #expect(known.isSuperset(of: model.outputs), "\(seed)")
      #expect(Set(model.nodes.flatMap(\.inputs)).isSuperset(of: model.constants.map(\.name)), "\(seed)")
      for id in graph.parameters where graph[id].dataType == .int8 {
        guard case .int8Rows(let values, _) = bundle.unpacked(id) else { throw ONNXError.notQuantized(tensor: graph[id].name) }
        let constant = try #require(model.constants.first { $0.name == graph[id].name })
        #expect(constant.type == 3 && constant.bytes.sorted() == values.map { UInt8(bitPattern: $0) }.sorted(), "\(graph[id].name)")
      }
    }
    #expect(written.isSuperset(of: ["ConvInteger", "MatMulInteger", "GatherND", "CumSum", "Trilu", "MaxPool", "Sqrt", "Concat", "Range"]))
  }

  @Test func whatIsAbsentIsNotWritten() throws {
    let bundle = try bundle(twoModalities())
    let both = ReadModel(try ONNXModel(bundle).bytes)
    #expect(both.inputs == ["samples", "tokens"] && both.outputs == ["all", "mean"])
    let text = ReadModel(try ONNXModel(bundle, only: [.text]).bytes)
    #expect(text.inputs == ["tokens"] && text.outputs == both.outputs)
    #expect(both.constants.contains { $0.name == "kernel" } && !text.constants.contains { $0.name == "kernel" })
    #expect(both.nodes.contains { $0.type == "MatMulInteger" } && !text.nodes.contains { $0.type == "MatMulInteger" })
    #expect(throws: ONNXError.noModality(.image, known: [.text, .sound])) { try ONNXModel(bundle, only: [.text, .image]) }
  }

  @Test func aGraphInFloatIsRefused() throws {
    var builder = GraphBuilder()
    let rows = builder.input("rows", shape: .rows(.fixed(2), 16), dataType: .float32)
    let sum = builder.node("sum", .add, inputs: [rows, rows], shape: .rows(.fixed(2), 16))
    builder.endSegment("all")
    let graph = try builder.build(outputs: [sum], limits: Limits(batch: 1, sequence: 1))
    let bundle = try bundle(graph)
    #expect(throws: ONNXError.notQuantized(tensor: "rows")) { try ONNXModel(bundle) }
  }
}
