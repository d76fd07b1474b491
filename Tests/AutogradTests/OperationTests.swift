import Autograd
import Foundation
import ModelGraph
import Testing

/// A matrix of the golden file.
private struct GoldenMatrix: Decodable {
  let rows: Int
  let columns: Int
  let values: [Float]
}

private struct GoldenCase: Decodable {
  let inputs: [GoldenMatrix]
  let parameters: [GoldenMatrix]
  let output: GoldenMatrix
}

private let golden: [String: GoldenCase] = {
  guard let file = Bundle.module.url(forResource: "Golden/operations", withExtension: "json"), let data = try? Data(contentsOf: file) else {
    return [:]
  }
  return (try? JSONDecoder().decode([String: GoldenCase].self, from: data)) ?? [:]
}()

/// Runs one operation: each input is the token table of an embedding with positions of zero, read in order.
private func run(_ operation: ModelGraph.Operation, _ example: GoldenCase) throws -> Matrix {
  let rows = example.inputs[0].rows
  var builder = GraphBuilder()
  var parameters: [TensorID: [Float]] = [:]
  let tokens = builder.input("tokens", shape: Shape([.batch, .sequence]), dataType: .int32)
  let inputs = example.inputs.enumerated().map { index, input in
    let table = builder.parameter("table.\(index)", rows, input.columns)
    let zeros = builder.parameter("zeros.\(index)", rows, input.columns)
    parameters[table] = input.values
    parameters[zeros] = Array(repeating: 0, count: input.values.count)
    let shape = Shape([.batch, .sequence, .fixed(input.columns)])
    return builder.node("input.\(index)", .embedding, tokens, parameters: [table, zeros], shape: shape)
  }
  let own = example.parameters.enumerated().map { index, parameter in
    let name = "parameter.\(index)"
    let id =
      parameter.rows == 1 ? builder.parameter(name, parameter.columns) : builder.parameter(name, parameter.rows, parameter.columns)
    parameters[id] = parameter.values
    return id
  }
  let output = add(operation, inputs, own, width: example.output.columns, to: &builder)
  builder.endSegment("all")
  let graph = try builder.build(outputs: [output], limits: Limits(batch: 1, sequence: rows))
  return try FloatInterpreter(graph: graph, parameters: parameters).run(tokens: (0..<rows).map(Int32.init))
}

private func add(
  _ operation: ModelGraph.Operation, _ inputs: [TensorID], _ parameters: [TensorID], width: Int, to builder: inout GraphBuilder
) -> TensorID {
  let shape = Shape([.batch, .sequence, .fixed(width)])
  let pooled = Shape([.batch, .fixed(width)])
  switch operation {
  case .pool: return builder.node("result", operation, inputs[0], shape: pooled)
  case .l2Normalize:
    return builder.node("result", operation, builder.node("mean", .pool(.mean), inputs[0], shape: pooled), shape: pooled)
  case .attention: return builder.node("result", operation, inputs[0], inputs[1], inputs[2], shape: shape)
  case .add: return builder.node("result", operation, inputs[0], inputs[1], shape: shape)
  default: return builder.node("result", operation, inputs[0], parameters: parameters, shape: shape)
  }
}

@Test(arguments: [
  ("linear", ModelGraph.Operation.linear), ("linear-without-bias", .linear), ("gelu", .activation(.gelu)),
  ("gelu-extremes", .activation(.gelu)), ("add", .add), ("layer-norm", .layerNorm(epsilon: 1e-5)),
  ("layer-norm-constant", .layerNorm(epsilon: 1e-5)), ("attention", .attention(heads: 3)), ("attention-one-row", .attention(heads: 3)),
  ("mean-pool", .pool(.mean)), ("l2-normalize", .l2Normalize),
])
func operationsEqualTorch(name: String, operation: ModelGraph.Operation) throws {
  let example = try #require(golden[name])
  let result = try run(operation, example)
  #expect(result.columns == example.output.columns)
  #expect(result.rows == example.output.rows)
  for (found, expected) in zip(result.values, example.output.values) {
    #expect(abs(found - expected) <= 2e-6 + 2e-6 * abs(expected), "\(found) for \(expected)")
  }
}

@Test func aBoundaryLosesNothingInFloat() throws {
  let example = try #require(golden["gelu"])
  #expect(try run(.boundary, example).values == example.inputs[0].values)
}

@Test func everyGoldenCaseIsChecked() { #expect(golden.count == 11) }
