import Autograd
import BundleFormat
import Compression
import ModelGraph
import Testing

/// The real numbers that a quantised matrix stands for.
private func real(_ data: ParameterData?) throws -> [Float] {
  guard case .int8Rows(let values, let scales)? = data else { throw CompressionError.missingParameter("no matrix") }
  let columns = values.count / scales.count
  return values.enumerated().map { Float($0.element) * scales[$0.offset / columns] }
}

@Test func tensorsTakeTheTypesOfTheQuantisedGraph() throws {
  let encoder = try SmallEncoder()
  let calibration = try encoder.calibration()
  let quantized = try Quantizer(graph: encoder.graph, parameters: encoder.parameters, calibration: calibration).quantize()
  #expect(quantized.graph.nodes == encoder.graph.nodes && quantized.graph.splitPoints == encoder.graph.splitPoints)
  for (index, tensor) in quantized.graph.tensors.enumerated() where encoder.parameters[TensorID(index)] != nil {
    #expect(tensor.quantization == (tensor.shape.rank == 2 ? .rows : .none))
  }
  for node in quantized.graph.nodes {
    let output = quantized.graph[node.output]
    guard let extent = calibration.extents[node.output] else { throw CompressionError.notObserved(tensor: output.name) }
    let largest = max(-extent.lowerBound, extent.upperBound)
    switch node.operation {
    case .l2Normalize: #expect(output.dataType == .float32)
    case .boundary: #expect(output.quantization == quantized.graph[node.inputs[0]].quantization)
    default:
      let isAttended = ["query", "key", "value"].contains { node.name.hasSuffix($0) }
      let limit = isAttended ? 2047 : 32767
      #expect(output.quantization == .tensor(scale: largest * 1.25 / Float(limit), limit: limit))
    }
  }
}

@Test func tablesAreRoundedToNearestAndVectorsKept() throws {
  let encoder = try SmallEncoder()
  let model = try Quantizer(graph: encoder.graph, parameters: encoder.parameters, calibration: encoder.calibration()).quantize()
  let table = try encoder.tensor("embeddings.word_embeddings.weight")
  let truth = try #require(encoder.parameters[table])
  guard case .int8Rows(let values, let scales)? = model.parameters[table] else { throw CompressionError.missingParameter("table") }
  #expect(scales.count == 30 && values.count == truth.count)
  for row in 0..<30 {
    let range = row * 24..<(row + 1) * 24
    #expect(values[range].map { abs(Int($0)) }.max() == 127)
    for index in range { #expect(abs(Float(values[index]) * scales[row] - truth[index]) <= scales[row] * 0.5001) }
  }
  let bias = try encoder.tensor("encoder.layer.0.output.dense.bias")
  #expect(model.parameters[bias] == encoder.parameters[bias].map(ParameterData.float32))
}

/// On the inputs of the calibration, products with the compensated weights are nearer to float than with weights rounded to nearest in the
/// same scales.
@Test func roundingErrorsAreMadeGood() throws {
  let encoder = try SmallEncoder()
  let quantizer = Quantizer(graph: encoder.graph, parameters: encoder.parameters, calibration: try encoder.calibration())
  let weight = try encoder.tensor("encoder.layer.1.attention.self.query.weight")
  let truth = try #require(encoder.parameters[weight])
  let quantized = try quantizer.quantize().parameters[weight]
  guard case .int8Rows(_, let scales)? = quantized else { throw CompressionError.missingParameter("query") }
  let made = try real(quantized)
  let nearest = truth.enumerated().map { ($0.element / scales[$0.offset / 24]).rounded() * scales[$0.offset / 24] }
  let query = try #require(encoder.graph.nodes.firstIndex { $0.name == "encoder.1.query" })
  func output(_ values: [Float], _ text: [Int32]) throws -> [Float] {
    var changed = encoder
    changed.parameters[weight] = values
    var seen: [Float] = []
    _ = try changed.interpreter.run(tokens: text) { if $0 == query { seen = $1.values } }
    return seen
  }
  func error(_ values: [Float]) throws -> Float {
    try SmallEncoder.texts(20).reduce(0) { sum, text in
      try sum + zip(output(values, text), output(truth, text)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
  }
  #expect(try error(made) < 0.9 * error(nearest))
  #expect(made != nearest)
}

/// Whatever the codes, the sums over a run of groups fit 16 bits in every matrix that a product reads, and rows stay near the
/// truth.
@Test(arguments: [1, 2, 4, 8]) func lanesKeepTheirLimit(run: Int) throws {
  let encoder = try SmallEncoder()
  let calibration = try encoder.calibration()
  let model = try Quantizer(graph: encoder.graph, parameters: encoder.parameters, calibration: calibration, run: run).quantize()
  for node in encoder.graph.nodes where node.operation == .linear {
    guard case .int8Rows(let values, let scales)? = model.parameters[node.parameters[0]] else { continue }
    let width = values.count / scales.count
    var lanes: [[Int]: (positive: Int, negative: Int)] = [:]
    for (place, value) in values.enumerated() {
      let lane = [place / width, place % width / (4 * run), place % 4 / 2]
      lanes[lane, default: (0, 0)].positive += max(0, Int(value))
      lanes[lane, default: (0, 0)].negative += max(0, -Int(value))
    }
    #expect(lanes.values.allSatisfy { $0.positive <= 128 && $0.negative <= 128 })
    let truth = try #require(encoder.parameters[node.parameters[0]])
    let made = try real(model.parameters[node.parameters[0]])
    let difference = zip(made, truth).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    #expect(difference < 0.05 * truth.reduce(0) { $0 + $1 * $1 })
  }
}

@Test func withoutTextsNothingIsQuantised() throws {
  let encoder = try SmallEncoder()
  #expect(throws: CompressionError.noExamples) {
    try Quantizer(graph: encoder.graph, parameters: encoder.parameters, calibration: Calibration()).quantize()
  }
}

@Test func brokenModelsAreRefused() throws {
  var encoder = try SmallEncoder()
  let bias = try encoder.tensor("encoder.layer.0.intermediate.dense.bias")
  encoder.parameters[bias]?[3] = .nan
  #expect(throws: CompressionError.notFinite(tensor: "encoder.0.intermediate")) { try encoder.calibration() }
  #expect(throws: CompressionError.interpreter(.badToken(30, vocabulary: 30))) {
    try SmallEncoder().calibration(texts: [[30]])
  }
}

@Test func zerosHaveAScale() throws {
  var encoder = try SmallEncoder()
  let weight = try encoder.tensor("encoder.layer.0.attention.self.value.weight")
  let bias = try encoder.tensor("encoder.layer.0.attention.self.value.bias")
  encoder.parameters[weight] = Array(repeating: 0, count: 24 * 24)
  encoder.parameters[bias] = Array(repeating: 0, count: 24)
  let model = try Quantizer(graph: encoder.graph, parameters: encoder.parameters, calibration: encoder.calibration()).quantize()
  #expect(try real(model.parameters[weight]).allSatisfy { $0 == 0 })
}

/// What a training that is aware of quantisation computes with is what the bundle holds, whatever the inputs of the calibration.
@Test func roundedWeightsStayAsTheyAre() throws {
  let encoder = try SmallEncoder()
  let program = try Program(encoder.graph, isQuantized: true)
  let parameters = program.parameters()
  let weights = encoder.parameters
  for id in encoder.graph.parameters { _ = parameters[try #require(program.layout[id])].update(from: try #require(weights[id])) }
  program.startSteps(of: parameters)
  program.round(parameters, try Workers(count: 1))
  let rounded = parameters.values(of: encoder.graph)
  let model = try Quantizer(graph: encoder.graph, parameters: rounded, calibration: encoder.calibration()).quantize()
  for own in program.quantized {
    let id = try encoder.tensor(program.layout.entries[own.weight].name)
    let (found, expected) = (try real(model.parameters[id]), try #require(rounded[id]))
    #expect(found != weights[id] && zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-6 * abs($1) })
  }
}
