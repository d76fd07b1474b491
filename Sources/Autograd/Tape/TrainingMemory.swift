package import ModelGraph

/// What a training takes of memory, found by dry runs: no arena is allocated.
package struct TrainingMemory: Sendable {
  package let program: Program
  /// Tensors beside the graph's outputs that losses read.
  package var watched: [TensorID] = []
  /// Whether an average of the parameters is kept.
  package var averages = false
  /// What losses take beside the tape, in bytes, by the number of examples: such as similarities of every pair.
  package var ofLosses: @Sendable (Int) -> Int = { _ in 0 }

  package init(_ program: Program) { self.program = program }

  /// Parameters, gradients and two moments, with their average where there is one.
  package var fixedBytes: Int { (averages ? 5 : 4) * program.layout.count * MemoryLayout<Float>.stride }

  /// All bytes for a batch of so many examples like that one.
  package func bytes(_ example: Example, count: Int) throws(InterpreterError) -> Int {
    let one = try Batch([example], of: program.graph, parameters: program.layout).layouts
    let layouts = one.map { RowLayout(Array(repeating: $0.count, count: count)) }
    let outputs = (program.graph.outputs + watched).compactMap { program.places[$0] }
    let plan = try TapePlan(program, inputs: layouts, outputs: outputs, isTraining: true)
    return fixedBytes + plan.elements * MemoryLayout<Float>.stride + count * example.bytes + ofLosses(count)
  }

  /// The most examples like that one, up to `most`, whose batch fits into so many bytes; 0 where not even one does.
  package func largestBatch(_ example: Example, within limit: Int, most: Int = 1 << 16) throws(InterpreterError) -> Int {
    var fits = 0
    var beyond = 1
    while beyond <= most, try bytes(example, count: beyond) <= limit { (fits, beyond) = (beyond, 2 * beyond) }
    beyond = min(beyond, most + 1)
    while beyond - fits > 1 {
      let middle = (fits + beyond) / 2
      if try bytes(example, count: middle) <= limit { fits = middle } else { beyond = middle }
    }
    return fits
  }
}

extension Example {
  /// What its numbers take.
  fileprivate var bytes: Int {
    values.values.reduce((tokens?.count ?? 0) * MemoryLayout<Int32>.stride) { $0 + $1.count * MemoryLayout<Float>.stride }
  }
}
