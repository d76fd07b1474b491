import CKernels
import ModelGraph

/// Runs a model, one request at a time, on a set number of threads. Not to be used from two threads at once.
///
/// All memory is taken when the session is made; a run allocates nothing. The result has the same bits for every number of threads, every
/// set of kernels and every split point.
package final class Session {
  package let model: Model
  private let executor: Executor
  private let team: ThreadTeam

  package init(model: Model, threads: Int = 1, kernels: KernelSet? = nil) throws(InferenceError) {
    let executor = try Executor(model: model, threads: threads, kernels: kernels ?? KernelSet.widest)
    self.model = model
    self.executor = executor
    team = try ThreadTeam(count: threads) { [executor] thread, barrier in executor.run(thread: thread, barrier: barrier) }
  }

  private var program: Program { model.program }

  /// Runs everything: identifiers of 1 to `limits.sequence` tokens → `outputWidth` numbers.
  package func run(tokens: Span<Int32>, output: inout MutableSpan<Float>) throws(InferenceError) {
    try load(tokens)
    run(0..<program.steps.count, sequence: tokens.count)
    try store(&output)
  }

  /// Runs the device's part: identifiers → the features that cross the split point.
  package func run(tokens: Span<Int32>, until split: Int, features: inout MutableSpan<UInt8>) throws(InferenceError) {
    let rows = program.cuts[split].rows
    try expect(features.count, model.featureByteCount(split: split, sequence: tokens.count))
    try load(tokens)
    run(0..<program.cuts[split].step, sequence: tokens.count)
    executor.store(rows, sequence: tokens.count, into: &features)
  }

  /// Runs the peer's part: features of `sequence` positions → the output.
  package func run(features: Span<UInt8>, from split: Int, sequence: Int, output: inout MutableSpan<Float>) throws(InferenceError) {
    guard (1...model.graph.limits.sequence).contains(sequence) else {
      throw .sequence(sequence, limit: model.graph.limits.sequence)
    }
    try expect(features.count, model.featureByteCount(split: split, sequence: sequence))
    executor.choose(sequence: sequence)
    try executor.load(program.cuts[split].rows, sequence: sequence, from: features)
    run(program.cuts[split].step..<program.steps.count, sequence: sequence)
    try store(&output)
  }

  /// Runs everything step by step and shows the real values of each node's output when it is written. A product
  /// whose activation is fused has none of its own.
  package func trace(tokens: Span<Int32>, observe: (_ node: Int, _ values: [Float]) -> Void) throws(InferenceError) {
    try load(tokens)
    for step in program.steps.indices {
      run(step..<step + 1, sequence: tokens.count)
      guard let index = program.completedNodes[step] else { continue }
      let output = model.graph.nodes[index].output
      guard let buffer = program.bufferOfTensor[output] else { continue }
      observe(index, executor.values(of: model.graph[output], in: buffer, sequence: tokens.count))
    }
  }

  private func load(_ tokens: Span<Int32>) throws(InferenceError) {
    let limit = model.graph.limits.sequence
    guard (1...limit).contains(tokens.count) else { throw .sequence(tokens.count, limit: limit) }
    executor.choose(sequence: tokens.count)
    let place: UnsafeMutablePointer<Int32> = executor.frame.pointer(program.input)
    for index in tokens.indices {
      guard (0..<Int32(program.vocabulary)).contains(tokens[index]) else {
        throw .token(tokens[index], vocabulary: program.vocabulary)
      }
      place[index] = tokens[index]
    }
  }

  private func run(_ steps: Range<Int>, sequence: Int) {
    executor.steps = steps
    team.run()
  }

  private func store(_ output: inout MutableSpan<Float>) throws(InferenceError) {
    try expect(output.count * 4, program.outputWidth * 4)
    let place: UnsafeMutablePointer<Float> = executor.frame.pointer(program.output)
    for index in output.indices { output[index] = place[index] }
  }

  private func expect(_ found: Int, _ expected: Int) throws(InferenceError) {
    guard found == expected else { throw .byteCount(found, expected: expected) }
  }
}
