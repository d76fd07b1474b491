import Autograd
import ModelGraph
import TestSupport
import Testing

/// Whole models: outputs and every gradient as PyTorch has them.
@Suite struct ParityTests {
  /// Runs a batch and compares the gradient of Σ output · numbers.
  private func check(_ golden: GoldenTraining, _ tape: Tape, _ examples: [Example]) throws {
    let output = tape.program.graph.outputs[0]
    try tape.load(examples)
    tape.forward()
    let rows = try #require(tape[output])
    #expect(GoldenTraining.error(rows.matrix.values, try #require(golden.tensors["output"])) < 1e-5)
    let gradient = try #require(tape.gradient(of: output))
    _ = UnsafeMutableBufferPointer(start: gradient.start, count: gradient.count).update(from: oracleNumbers(gradient.count))
    tape.backward()
    let gradients = try #require(tape.gradients)
    var checked = 0
    for (place, entry) in tape.program.layout.entries.enumerated() where entry.isTrained {
      let expected = try #require(golden.tensors["gradient.\(entry.name)"], "\(entry.name)")
      // The gradient of a key's bias is 0 but for rounding: it moves all scores of a query alike.
      let largest = expected.map(abs).max() ?? 0
      let error = largest < 1e-5 ? gradients[place].map(abs).max() ?? 0 : GoldenTraining.error(gradients[place], expected)
      #expect(error < 1e-4, "\(entry.name): \(error)")
      checked += 1
    }
    #expect(checked == golden.tensors.keys.count { $0.hasPrefix("gradient.") })
  }

  /// Images of a batch, one input.
  private func examples(_ graph: Graph, count: Int) -> [Example] {
    let input = graph.inputs[0]
    let size = graph[input].shape.elementCount(batch: 1, sequence: 1) ?? 0
    let values = oracleNumbers(count * size)
    return (0..<count).map { Example(values: [input: Array(values[$0 * size..<($0 + 1) * size])]) }
  }

  @Test(arguments: [1, 2]) func bert(threads: Int) throws {
    let golden = try GoldenTraining("bert")
    try check(golden, golden.tape(Program(TinyModels.bertGraph()), threads: threads), TinyModels.texts)
  }

  @Test func vit() throws {
    let (golden, graph) = (try GoldenTraining("vit"), try TinyModels.vit())
    try check(golden, golden.tape(Program(graph)), examples(graph, count: 3))
  }

  @Test func wav2vec2() throws {
    let (golden, graph) = (try GoldenTraining("wav2vec2"), try TinyModels.wav2vec2())
    try check(golden, golden.tape(Program(graph)), examples(graph, count: 2))
  }

  /// With batch norms behind the convolutions; afterwards with the running averages that the batch has moved, and folded.
  @Test func mobileNet() throws {
    let (golden, graph) = (try GoldenTraining("mobilenet"), try TinyModels.mobileNet())
    let normal = BatchNormalization.everywhere(in: graph, norm: .init(epsilon: 0.001, momentum: 0.997))
    let tape = try golden.tape(Program(graph, normalization: normal))
    let batch = examples(graph, count: 3)
    try check(golden, tape, batch)
    tape.forward(isTraining: false)
    let later = try #require(golden.tensors["later"])
    #expect(GoldenTraining.error(try #require(tape[graph.outputs[0]]).matrix.values, later) < 1e-5)
    let folded = try FloatInterpreter(graph: graph, parameters: normal.fold(tape.parameters, of: graph))
    let alone = try batch.flatMap { try folded.run($0)[0].values }
    #expect(GoldenTraining.error(alone, later) < 1e-5)
  }
}
