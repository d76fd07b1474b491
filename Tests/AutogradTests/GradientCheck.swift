import Autograd
import ModelGraph
import Randomness
import Testing

/// Compares the gradients of a graph with differences of the function itself: L = Σ c · outputs with random c, over a batch of examples.
struct GradientCheck {
  let program: Program
  let tape: Tape
  let examples: [Example]
  private let weights: [[Float]]

  /// Parameters and weights of the outputs are random.
  init(
    _ graph: Graph, examples: [Example], threads: Int = 2, normalization: BatchNormalization = BatchNormalization(), seed: UInt64 = 1
  ) throws {
    program = try Program(graph, normalization: normalization)
    let parameters = program.parameters()
    var random = CounterRandom(seed: seed)
    for place in program.layout.entries.indices {
      let isVariance = program.layout.entries[place].name.hasSuffix("running_var")
      for index in parameters[place].indices { parameters[place][index] = isVariance ? 0.5 + random.uniform() : 0.7 * random.normal() }
    }
    tape = Tape(program, parameters: parameters, workers: try Workers(count: threads))
    try tape.load(examples)
    self.examples = examples
    var weights: [[Float]] = []
    for id in graph.outputs { weights.append((0..<(tape[id]?.count ?? 0)).map { _ in random.normal() }) }
    self.weights = weights
  }

  /// L.
  func value(isTraining: Bool) -> Double {
    tape.forward(isTraining: isTraining)
    return zip(program.graph.outputs, weights).reduce(0) { sum, output in
      guard let rows = tape[output.0] else { return sum }
      return output.1.indices.reduce(sum) { $0 + Double(rows.start[$1]) * Double(output.1[$1]) }
    }
  }

  /// The gradient of every parameter, by name.
  func gradients(isTraining: Bool) -> [String: [Float]] {
    guard let gradients = tape.gradients else { return [:] }
    gradients.memory.values.update(repeating: 0)
    tape.forward(isTraining: isTraining)
    for (id, weights) in zip(program.graph.outputs, weights) {
      if let gradient = tape.gradient(of: id) { for index in weights.indices { gradient.start[index] += weights[index] } }
    }
    tape.backward(isTraining: isTraining)
    return Dictionary(uniqueKeysWithValues: program.layout.entries.enumerated().map { ($0.element.name, Array(gradients[$0.offset])) })
  }

  /// The largest difference of each trained parameter's gradient, by the largest of that gradient or 1.
  func errors(isTraining: Bool = true, step: Float = 4e-3) -> [String: Double] {
    let found = gradients(isTraining: isTraining)
    var errors: [String: Double] = [:]
    for (place, entry) in program.layout.entries.enumerated() where entry.isTrained {
      let values = tape.parameters[place]
      let own = found[entry.name] ?? []
      let scale = Double(own.map(abs).max() ?? 0)
      errors[entry.name] = values.indices.reduce(0) { worst, index in
        let before = values[index]
        values[index] = before + step
        let above = value(isTraining: isTraining)
        values[index] = before - step
        let below = value(isTraining: isTraining)
        values[index] = before
        return max(worst, abs((above - below) / Double(2 * step) - Double(own[index])) / max(scale, 1))
      }
    }
    return errors
  }
}

/// Builds a graph over inputs that a trained matrix has passed, so that the gradient of an operation's inputs shows in that matrix's.
struct CheckedGraph {
  var builder = GraphBuilder()
  private(set) var inputs: [TensorID] = []

  /// An input and its matrix.
  mutating func input(_ name: String, _ shape: Shape) -> TensorID {
    let input = builder.input(name, shape: shape, dataType: .float32)
    inputs.append(input)
    let width = shape.width ?? 1
    let weight = builder.parameter("\(name).matrix", width, width)
    return builder.node("\(name).through", .linear, input, parameters: [weight], shape: shape)
  }

  /// The graph, and random examples for it, of which each lacks the inputs that `absent` names for it.
  mutating func build(
    _ outputs: [TensorID], lengths: [Int] = [3, 1, 4], absent: [Int: Set<Int>] = [:], seed: UInt64 = 2
  ) throws -> (Graph, [Example]) {
    builder.endSegment("all")
    let graph = try builder.build(outputs: outputs, limits: Limits(batch: 8, sequence: 8))
    var random = CounterRandom(seed: seed)
    let examples = lengths.enumerated().map { number, length in
      var example = Example()
      for (index, id) in inputs.enumerated() where absent[number]?.contains(index) != true {
        example.values[id] = (0..<(graph[id].shape.elementCount(batch: 1, sequence: length) ?? 0)).map { _ in random.normal() }
      }
      if graph.inputs.contains(where: { graph[$0].dataType == .int32 }) {
        example.tokens = (0..<length).map { _ in Int32(random.next() % 5) }
      }
      return example
    }
    return (graph, examples)
  }
}
