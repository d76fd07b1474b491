import Autograd
import Foundation
import ModelGraph
import Testing

/// Results of torch, by name.
private let golden: [String: [Float]] = {
  guard let file = Bundle.module.url(forResource: "Golden/quantization", withExtension: "json"), let data = try? Data(contentsOf: file)
  else { return [:] }
  return (try? JSONDecoder().decode([String: [Float]].self, from: data)) ?? [:]
}()

/// Five rows of twelve, through a convolution that looks at one position, or through a matrix; and what a boundary makes of them.
private struct Product {
  let tape: Tape
  let output: TensorID
  let boundary: TensorID

  init(isConvolution: Bool, steps: [Float]) throws {
    var builder = GraphBuilder()
    let shape = Shape.rows(.fixed(5), 12)
    let x = builder.input("x", shape: shape, dataType: .float32)
    let weight = isConvolution ? builder.parameter("weight", 7, 1, 1, 12) : builder.parameter("weight", 7, 12)
    let operation = isConvolution ? ModelGraph.Operation.convolution(Convolution(Window(1))) : .linear
    output = builder.node("y", operation, x, parameters: [weight, builder.parameter("bias", 7)], shape: shape.withWidth(7))
    boundary = builder.node("rows", .boundary, x, shape: shape)
    builder.endSegment("all")
    let graph = try builder.build(outputs: [output, boundary], limits: Limits(batch: 1, sequence: 1))
    let program = try Program(graph, isQuantized: true)
    let parameters = program.parameters()
    for (name, values) in [("weight", golden["weight"]), ("bias", golden["bias"]), ("weight.steps", steps)] {
      _ = parameters[try #require(program.layout[name])].update(from: try #require(values))
    }
    tape = Tape(program, parameters: parameters, workers: try Workers(count: 2))
    try tape.load([Example(values: [x: try #require(golden["x"])])])
  }

  func parameter(_ name: String) throws -> [Float] { Array(tape.parameters[try #require(tape.program.layout[name])]) }

  func gradient(_ name: String) throws -> [Float] {
    Array(try #require(tape.gradients)[try #require(tape.program.layout[name])])
  }
}

private func expectNear(_ found: [Float], _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
  let expected = try #require(golden[name])
  let worst = zip(found, expected).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? .infinity
  #expect(found.count == expected.count && worst < 3e-5, "\(name): \(worst)", sourceLocation: sourceLocation)
}

@Suite struct QuantizationTests {
  @Test func productsAndTheirGradientsAreThoseOfTorch() throws {
    let product = try Product(isConvolution: true, steps: try #require(golden["steps"]))
    product.tape.forward()
    try expectNear(try #require(product.tape[product.output]).matrix.values, "output")
    try expectNear(try #require(product.tape[product.boundary]).matrix.values, "rows")
    let slopes = try #require(golden["slopes"])
    let gradient = try #require(product.tape.gradient(of: product.output))
    for (place, slope) in slopes.enumerated() { gradient.start[place] = slope }
    product.tape.backward()
    try expectNear(try product.gradient("weight"), "weight_gradient")
    try expectNear(try product.gradient("weight.steps"), "steps_gradient")
  }

  @Test func roundingToTheLargestIsThatOfTorch() throws {
    let largest = try #require(golden["largest"])
    let product = try Product(isConvolution: true, steps: largest.map { logf($0 / 127) })
    product.tape.program.round(product.tape.parameters, product.tape.workers)
    try expectNear(try product.parameter("weight"), "rounded")
  }

  /// What lanes of 16 bits can hold is all that a matrix keeps, and rounding again changes nothing.
  @Test func roundedMatricesFitTheirLanes() throws {
    let steps = try #require(golden["largest"]).map { logf($0 / 127) }
    let product = try Product(isConvolution: false, steps: steps)
    let before = try product.parameter("weight")
    product.tape.program.round(product.tape.parameters, product.tape.workers)
    let after = try product.parameter("weight")
    #expect(before != after)
    for row in 0..<7 {
      let integers = after[12 * row..<12 * row + 12].map { ($0 / expf(steps[row])).rounded() }
      for run in [0..<8, 8..<12] {
        for lane in 0..<2 {
          let own = run.filter { $0 % 4 / 2 == lane }.map { integers[$0] }
          #expect(own.filter { $0 > 0 }.reduce(0, +) <= 128 && own.filter { $0 < 0 }.reduce(0, +) >= -128)
        }
      }
    }
    product.tape.program.round(product.tape.parameters, product.tape.workers)
    #expect(zip(try product.parameter("weight"), after).allSatisfy { abs($0 - $1) <= 1e-6 * abs($1) })
  }
}
