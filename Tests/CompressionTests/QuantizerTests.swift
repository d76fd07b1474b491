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

/// On the inputs of the calibration, products with the compensated weights are nearer to float than with weights rounded to nearest.
@Test func roundingErrorsAreMadeGood() throws {
  let encoder = try SmallEncoder()
  let quantizer = Quantizer(graph: encoder.graph, parameters: encoder.parameters, calibration: try encoder.calibration())
  let weight = try encoder.tensor("encoder.layer.1.attention.self.query.weight")
  let truth = try #require(encoder.parameters[weight])
  let made = try real(quantizer.quantize().parameters[weight])
  let nearest = stride(from: 0, to: truth.count, by: 24).flatMap { start in
    let row = truth[start..<start + 24]
    let scale = (row.map(abs).max() ?? 1) / 127
    return row.map { ($0 / scale).rounded() * scale }
  }
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
